package redact

import "strings"

// addDefaults adds the rules named "default": what Docker, Podman,
// registries, their token services and the clouds behind them are known to
// send as a credential, in the spellings in use.
func (r *Rules) addDefaults() {
	r.defaults = true
	for _, name := range strings.Fields(defaultHeaders) {
		r.headers.add(name)
	}
	addSpellings(&r.query, defaultSecrets+defaultQuery)
	addSpellings(&r.json, defaultSecrets+defaultJSON)
	addSpellings(&r.scalar, defaultScalar)
	addSpellings(&r.payload, defaultPayload)
	for _, names := range []string{defaultSecrets + defaultJSON, defaultScalar, defaultPayload} {
		addSpellings(&r.keys, names)
	}
}

// addSpellings adds names, separated by commas: "access token" is
// accesstoken, access_token and access-token.
func addSpellings(s *keySet, names string) {
	for name := range strings.SplitSeq(names, ",") {
		words := strings.Fields(name)
		for _, sep := range []string{"", "_", "-"} {
			s.add(strings.Join(words, sep))
		}
	}
}

// defaultHeaders are names of header fields whose value is a secret.
// WWW-Authenticate is none: it says where to get a token.
const defaultHeaders = `
	Authorization Proxy-Authorization X-Authorization
	Cookie Cookie2 Set-Cookie Set-Cookie2
	X-Registry-Auth X-Registry-Config X-Docker-Token X-Docker-Auth
	X-Auth-Token X-Auth-Key X-Access-Token X-Session-Token X-Subject-Token
	X-Api-Key Api-Key ApiKey X-Api-Token X-Token X-Secret X-Password
	X-Amz-Security-Token X-Aws-Ec2-Metadata-Token
	X-Goog-Iam-Authorization-Token X-Goog-Api-Key
	X-Identity-Token X-Ms-Token-Aad-Access-Token Ocp-Apim-Subscription-Key
	X-Forwarded-Access-Token X-Forwarded-Authorization X-Original-Authorization
	Private-Token Job-Token Deploy-Token X-Gitlab-Token X-Github-Token
	X-Vault-Token X-Consul-Token X-Nomad-Token X-Storage-Token
	X-Csrf-Token X-Xsrf-Token X-JFrog-Art-Api`

// defaultSecrets are names of secrets in queries, forms and JSON alike.
const defaultSecrets = `token, access token, refresh token, id token, identity token, registry token,
	session token, auth token, bearer token, api token, private token, security token, client token,
	oauth token, oauth token secret, jwt, assertion, client assertion, subject token, actor token,
	password, passwd, passphrase, secret, client secret, api secret, api key, secret key, private key,
	secret access key, aws secret access key, aws session token, aws access key id, access key secret,
	unlock key, join token,`

// defaultQuery are more of them in queries: signatures make a URL a key.
const defaultQuery = `pwd, signature, sig, oauth signature,
	x amz signature, x amz credential, x amz security token, x goog signature, x goog credential`

// defaultJSON are more of them in JSON. A swarm's join tokens are an object.
const defaultJSON = `access key id, join tokens, signing ca key, account key, storage account key, encryption key,
	current password, new password, old password, x registry auth, x registry config`

// defaultScalar are names whose string is a secret, but under which other
// things stand as well: "auth" is user:password in Docker's configuration and
// an object elsewhere, "Authorization" a list of plug-ins in docker info.
const defaultScalar = `auth, authorization, proxy authorization, credential, credentials, cookie, set cookie`

// defaultPayload is what holds the secret itself in the bodies of a secrets
// API: Docker's POST /secrets/create.
const defaultPayload = `data`
