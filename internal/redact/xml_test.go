package redact

import (
	"bytes"
	"encoding/xml"
	"io"
	"slices"
	"strings"
	"testing"
)

const xmlHead = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n"

var xmlTests = []struct{ name, in, want string }{
	{"nothing", "<?xml version=\"1.0\"?>\n<a b=\"c\">text<d/></a>\n", ""},
	{"elements", "<R><SecretAccessKey>abc</SecretAccessKey><SessionToken>d</SessionToken><Expiration>e</Expiration></R>",
		"<R><SecretAccessKey>***</SecretAccessKey><SessionToken>*</SessionToken><Expiration>e</Expiration></R>"},
	{"prefix", `<e><wsse:Password Type="http://x#PasswordText">abc</wsse:Password><a:b>c</a:b></e>`,
		`<e><wsse:Password Type="http://x#PasswordText">***</wsse:Password><a:b>c</a:b></e>`},
	{"spellings", "<a><client_secret>a</client_secret><API-KEY>b</API-KEY><passwordX>c</passwordX></a>",
		"<a><client_secret>*</client_secret><API-KEY>*</API-KEY><passwordX>c</passwordX></a>"},
	{"space", "<a>\r\n  <password >\r\n    my secret\r\n  </password >\r\n</a>", "<a>\r\n  <password >\r\n    *********\r\n  </password >\r\n</a>"},
	{"empty", "<a><password></password><password/><secret /><password a='b'/>c</a>", ""},
	{"space alone", "<password> \n </password>", ""},
	{"entities", "<password>a&lt;b&#38;</password>", "<password>***********</password>"},
	{"CDATA", "<password><![CDATA[a]b]]c<d>]]></password><x><![CDATA[<password>e]]]]></x>", "<password><![CDATA[*********]]></password><x><![CDATA[<password>e]]]]></x>"},
	{"CDATA and text", "<password>a<![CDATA[ b ]]><![CDATA[]]>c</password>", "<password>*<![CDATA[ * ]]><![CDATA[]]>*</password>"},
	{"comments", "<a><!-- <password>a</password> --><password>b<!-- -- > c -->d</password><!--></password>--></a>", "<a><!-- <password>a</password> --><password>*<!-- -- > c -->*</password><!--></password>--></a>"},
	{"instructions", "<?a <password>?><password>b<?c > d?>e</password>", "<?a <password>?><password>*<?c > d?>*</password>"},
	{"declaration that holds tags", "<password><!LCDATA[a]]c<d>]]></password>", "<password><!LCDATA[a]]c<d>]]></password>"},
	{"tag in brackets of a declaration", "<password><!LCDATA[a<cd]]>]]></password>", "<password><!LCDATA[a<cd]]>]]></password>"},
	{"comment in a declaration", "<!DOCTYPE a [<!-- don't> --><!ENTITY b \"<'\">]><a><password>c</password></a>", "<!DOCTYPE a [<!-- don't> --><!ENTITY b \"<'\">]><a><password>*</password></a>"},
	{"quote in a declaration", "<a><!L '>'><password>c</password></a>", "<a><!L '>'><password>*</password></a>"},
	{"declaration", "<!DOCTYPE a [<!ENTITY password 'b'>]><a><password>c</password></a>", "<!DOCTYPE a [<!ENTITY password 'b'>]><a><password>*</password></a>"},
	{"elements in a secret", "<secret>\n <a b='c'>d</a>\n <secret>e</secret><f/>\n g</secret><h>i</h>", "<secret>\n <a b='c'>*</a>\n <secret>*</secret><f/>\n *</secret><h>i</h>"},
	{"own text alone", "<Credentials>a<AccessKeyId>b</AccessKeyId><Expiration>c</Expiration></Credentials><auth>d</auth>e",
		"<Credentials>*<AccessKeyId>*</AccessKeyId><Expiration>c</Expiration></Credentials><auth>*</auth>e"},
	{"tokens", "<a><token>a1b2c3d4e5</token><token>word</token><token><id>a1b2c3d4e5</id></token></a>", "<a><token>**********</token><token>word</token><token><id>a1b2c3d4e5</id></token></a>"},
	{"attributes", `<a password="b" x:secret = 'c"d' e="password" token="word" token="a1b2c3d4e5"/><password x="y">z</password>`,
		`<a password="*" x:secret = '***' e="password" token="word" token="**********"/><password x="y">*</password>`},
	{"namespaces", `<a xmlns:token="http://example.com/a1" xmlns:password="b"/>`, ""},
	{"JWTs", `<a b="` + token + `">` + token + ` c</a><password>` + token + `</password><![CDATA[` + token + `]]>`,
		`<a b="` + maskedToken + `">` + maskedToken + ` c</a><password>` + maskedToken + `</password><![CDATA[` + maskedToken + `]]>`},
	{"a stray sign", "<a>1 < 2 <<password>b</password></a>", "<a>1 < 2 <<password>*</password></a>"},
	{"no end", "<password>ab ", "<password>** "},
	{"no end of CDATA", "<password><![CDATA[ab]]", "<password><![CDATA[****"},
	{"no end of a value", "<a password='ab", "<a password='**"},
	{"no quotes", "<a password=b secret>c</a>", ""},
	{"a slash in a tag", "<password / a>b</password>", "<password / a>*</password>"},
	{"an end tag too many", "</password><a>b</a></a></secret>c", ""},
	{"a long name", "<" + strings.Repeat("password", 50) + ">a<b/></" + strings.Repeat("password", 50) + ">", ""},
}

var maskedToken = token[:len(token)-12] + "AAAAAAAAAAAA"

func TestXML(t *testing.T) {
	r := defaults(t)
	for _, tt := range xmlTests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.want == "" {
				tt.want = tt.in
			}
			got, spans := body(r, "/", xmlHead, tt.in)
			checkMask(t, tt.in, got, tt.want, spans)
			checkLaws(t, r, "/", xmlHead, tt.in)
			for _, s := range spans {
				if s.Rule.Kind != kindJSON && s.Rule.Kind != kindJWT {
					t.Errorf("%+v has the rule %v", s, s.Rule)
				}
			}
		})
	}
}

func TestXMLLongSecrets(t *testing.T) {
	r := defaults(t)
	for _, n := range []int{MaxHold - 3, MaxHold - 2, MaxHold - 1, MaxHold, MaxHold + 1, MaxHold + 2, 3 * MaxHold} {
		long := strings.Repeat("a", n)
		for _, tt := range []struct{ before, secret, after string }{
			{"<password>", long, "</password><b>c</b>"},
			{"<password><![CDATA[", long, "]]></password>"},
			{"<password><![CDATA[", long + "]", "]]></password>"},
			{"<password><![CDATA[", long + "]]", "]]></password>"},
			{`<a password="`, long, `" b="c"/>`},
		} {
			in := tt.before + tt.secret + tt.after
			got, spans := body(r, "/", xmlHead, in)
			checkMask(t, in, got, tt.before+masked(len(tt.secret))+tt.after, spans)
			for _, size := range []int{1000, MaxHold - 1, MaxHold + 1} {
				again, spans2 := body(r, "/", xmlHead, in, size)
				if again != got || !slices.Equal(spans, spans2) {
					t.Errorf("%d bytes in pieces of %d give another mask, %v, not %v", n, size, spans2, spans)
				}
			}
			if again, _ := body(r, "/", xmlHead, got); again != got {
				t.Errorf("%d bytes are masked again", n)
			}
		}
	}
}

func TestBodiesThatAreXML(t *testing.T) {
	r := defaults(t)
	const in, want = "\xef\xbb\xbf <password>a</password>", "\xef\xbb\xbf <password>*</password>"
	for kind, isMasked := range map[string]bool{
		"application/xml; charset=utf-8": true, "TEXT/XML": true, "application/soap+xml": true, "text/plain": true, "": true,
		"application/x-www-form-urlencoded": true,
		"text/html":                         false, "application/octet-stream": false, "application/xml-dtd": false,
	} {
		got, _ := body(r, "/", "HTTP/1.1 200 OK\r\nContent-Type: "+kind+"\r\n\r\n", in)
		if (got == want) != isMasked || (got == in) == isMasked {
			t.Errorf("%q: got %q, masked should be %v", kind, got, isMasked)
		}
	}
	if got, _ := body(rules(t, "default", "-json:password"), "/", xmlHead, in); got != in {
		t.Errorf("with a rule left out, got %q", got)
	}
	if got, _ := body(rules(t, "json:pin"), "/", xmlHead, "<a><Pin>1</Pin><password>b</password></a>"); got != "<a><Pin>*</Pin><password>b</password></a>" {
		t.Errorf("with a rule of one's own, got %q", got)
	}
}

// For every XML document, encoding/xml sees the same elements and attributes before
// and after masking, and text of the same length.
func FuzzXML(f *testing.F) {
	for _, tt := range xmlTests {
		f.Add(tt.in)
	}
	r := defaults(f)
	f.Fuzz(func(t *testing.T, in string) {
		in = "<" + strings.TrimPrefix(in, "<")
		checkLaws(t, r, "/", xmlHead, in)
		if before, ok := structure(in); ok {
			out, _ := body(r, "/", xmlHead, in)
			if after, ok := structure(out); !ok || !slices.Equal(before, after) {
				t.Fatalf("%q\nbecame\n%q:\n%q\nbecame\n%q", in, out, before, after)
			}
		}
	})
}

// structure returns the tags of a document without entities, which masks replace,
// and the names of attributes. It reports false for what is no XML.
func structure(doc string) (tags []string, ok bool) {
	if strings.Contains(doc, "&") {
		return nil, false
	}
	d := xml.NewDecoder(bytes.NewReader([]byte(doc)))
	for {
		token, err := d.RawToken()
		if err == io.EOF {
			return tags, true
		}
		if err != nil {
			return nil, false
		}
		switch token := token.(type) {
		case xml.StartElement:
			tag := "<" + token.Name.Space + ":" + token.Name.Local
			for _, a := range token.Attr {
				tag += " " + a.Name.Space + ":" + a.Name.Local
			}
			tags = append(tags, tag)
		case xml.EndElement:
			tags = append(tags, "/"+token.Name.Space+":"+token.Name.Local)
		}
	}
}
