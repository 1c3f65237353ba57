package importer

import (
	"strings"
)

// This file reads what the first versions of VCR and vcrpy wrote. Their cassettes
// are lists of interactions.

// readOldList reads such a cassette.
func (r *Recording) readOldList(v value) error {
	all := v.elements()
	switch {
	case len(all) == 0 || !all[0].has("request"):
		return v.errorf("it is a list of something else than interactions")
	case all[0].lookup("request").has("host"):
		r.Format = "vcrpy"
	default:
		r.Format = "Ruby VCR"
	}
	err := r.readVCR(v)
	for _, e := range r.exchanges {
		e.request.uri = withoutUsualPort(e.request.uri)
	}
	return err
}

// vcrURI returns the URI of a request. The first vcrpy kept its parts.
func vcrURI(q value) string {
	if uri := q.lookup("uri").string(); uri != "" || !q.has("host") {
		return uri
	}
	return q.lookup("protocol").string() + "://" + q.lookup("host").string() + ":" + q.lookup("port").string() + q.lookup("path").string()
}

// withoutUsualPort returns a URI as clients write it. The first VCR and vcrpy
// always named the port.
func withoutUsualPort(uri string) string {
	for prefix, port := range map[string]string{"http://": ":80", "https://": ":443"} {
		rest, ok := strings.CutPrefix(uri, prefix)
		at := strings.IndexAny(rest, "/?")
		if at < 0 {
			at = len(rest)
		}
		if host, usual := strings.CutSuffix(rest[:at], port); ok && usual {
			return prefix + host + rest[at:]
		}
	}
	return uri
}

// oldFields reads fields from a list of lines, or of pairs of a name and its value
// or values. A set in Python's form is a list in a list.
func oldFields(v value) (fields []field, err error) {
	for _, e := range v.elements() {
		pair := e.elements()
		name, line, isLine := strings.Cut(e.string(), ":")
		switch {
		case isLine:
			fields = append(fields, field{name, strings.TrimSpace(line)})
		case len(pair) == 2 && pair[0].kind() == scalar:
			fields, err = appendFields(fields, pair[0].string(), pair[1])
		case e.kind() == list:
			var inner []field
			inner, err = oldFields(e)
			fields = append(fields, inner...)
		default:
			err = v.errorf("want headers by name, found a list")
		}
		if err != nil {
			return nil, err
		}
	}
	return fields, nil
}
