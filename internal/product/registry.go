package product

// Registry is a registry of images (OCI distribution specification).
var Registry = Profile{
	Name:        "registry",
	Aliases:     []string{"distribution"},
	Signs:       []Sign{{"registry", "Docker-Distribution-Api-Version", ""}},
	IgnoreQuery: []string{"_state"},
	Thing:       upload,
	DigestTypes: []string{"application/vnd.docker.distribution.manifest", "application/vnd.oci.image."},
}

// upload returns the upload that a path names. Nothing else is a thing in a
// registry: clients send and fetch layers side by side, in whatever order.
func upload(segments []string) (collection, item string, ok bool) {
	if len(segments) < 4 || segments[0] != "v2" {
		return "", "", false
	}
	switch end := segments[len(segments)-3:]; {
	case end[0] == "blobs" && end[1] == "uploads":
		return "uploads", end[2], true
	case end[1] == "blobs", end[1] == "manifests", end[1] == "tags", end[1] == "referrers":
		return "", "", true
	}
	return "", "", false
}
