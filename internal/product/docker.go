package product

// Docker is Docker's engine, and Podman, which serves the same API.
var Docker = Profile{
	Name:    "docker",
	Aliases: []string{"podman", "moby"},
	Signs: []Sign{
		{"podman", "Libpod-Api-Version", ""}, // Podman sends Docker's fields, too
		{"docker", "Server", "Docker/"},
	},
	IgnoreQuery: []string{"since", "until", "session", "buildid"},
	// The size of the terminal that the client happens to run in.
	IgnoreJSON: []string{"$.HostConfig.ConsoleSize", "$.ConsoleSize"},
	SetQuery:   []string{"filters"},
	Things: Things{
		Skip:    []string{"libpod"},
		Verbs:   []string{"json", "create", "prune", "search", "load", "get", "stats"},
		Filters: map[string]string{"container": "containers", "network": "networks", "volume": "volumes"},
		Passive: []string{"wait"},
	},
	SessionField:    "X-Docker-Expose-Session-Uuid",
	HijackTypes:     []string{"application/vnd.docker.raw-stream", "application/vnd.docker.multiplexed-stream"},
	AddressVariable: "DOCKER_HOST",
	OtherVariables:  []string{"DOCKER_TLS_VERIFY", "DOCKER_TLS", "DOCKER_CERT_PATH", "DOCKER_CONTEXT"},
	Secrets: Secrets{
		Fields:  []string{"X-Registry-Auth", "X-Registry-Config", "X-Docker-Token", "X-Docker-Auth"},
		Keys:    []string{"identity token", "registry token", "unlock key", "join token"},
		JSON:    []string{"join tokens", "signing ca key", "x registry auth", "x registry config"}, // a swarm's join tokens are an object
		Payload: []string{"data"},                                                                  // POST /secrets/create
	},
	DigestTypes: []string{"application/vnd.docker.container.image.", "application/vnd.docker.plugin."},
}
