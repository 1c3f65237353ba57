package redact

import (
	"strings"

	"github.com/wiretape/wiretape/internal/product"
)

// addDefaults adds the rules named "default": the names under which products,
// their token services and the clouds behind them send credentials, in the
// spellings in use.
func (r *Rules) addDefaults() {
	r.defaults = true
	for _, name := range strings.Fields(defaultHeaders) {
		r.headers.add(name)
	}
	addSpellings(&r.query, defaultSecrets+defaultQuery+","+defaultVague)
	addSpellings(&r.json, defaultSecrets+defaultJSON)
	addSpellings(&r.scalar, defaultScalar)
	addSpellings(&r.vague, defaultVague)
	for _, p := range product.Profiles() {
		r.addProduct(&p.Secrets)
	}
	for _, names := range []string{defaultSecrets + defaultJSON, defaultScalar, defaultVague} {
		addSpellings(&r.keys, names)
	}
}

// addProduct adds the names of a product's secrets.
func (r *Rules) addProduct(s *product.Secrets) {
	for _, name := range s.Fields {
		r.headers.add(name)
	}
	for _, names := range s.Keys {
		addSpellings(&r.query, names)
		addSpellings(&r.json, names)
		addSpellings(&r.keys, names)
	}
	for _, names := range s.JSON {
		addSpellings(&r.json, names)
		addSpellings(&r.keys, names)
	}
	for _, names := range s.Payload {
		addSpellings(&r.payload, names)
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

// defaultHeaders are the names of header fields with a secret value.
// WWW-Authenticate is none: it tells where to get a token.
const defaultHeaders = `
	Authorization Proxy-Authorization X-Authorization
	Cookie Cookie2 Set-Cookie Set-Cookie2
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
const defaultSecrets = `access token, refresh token, id token,
	session token, auth token, bearer token, api token, private token, security token, client token,
	oauth token, oauth token secret, jwt, assertion, client assertion, subject token, actor token,
	password, passwd, passphrase, secret, client secret, api secret, api key, secret key, private key,
	secret access key, aws secret access key, aws session token, aws access key id, access key secret,`

// defaultQuery are more names in queries: signatures make a URL a key.
const defaultQuery = `pwd, signature, sig, oauth signature,
	x amz signature, x amz credential, x amz security token, x goog signature, x goog credential`

// defaultJSON are more names in JSON.
const defaultJSON = `access key id, account key, storage account key, encryption key,
	current password, new password, old password`

// defaultScalar are names whose string is a secret, and whose object or list is
// not: "auth" is user:password in Docker's configuration and an object
// elsewhere, "Authorization" is a list of plug-ins in docker info.
const defaultScalar = `auth, authorization, proxy authorization, credential, credentials, cookie, set cookie`

// defaultVague are names that have a secret in queries and forms. In JSON they
// have one where the value can be one: a language model's "token" is a word, a
// number or an object.
const defaultVague = `token`
