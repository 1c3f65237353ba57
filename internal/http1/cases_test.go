package http1

type parserCase struct {
	name  string
	asked []asking // of a server
	wire  string
	want  string
}

var (
	get     = []asking{{"GET", false}}
	post    = []asking{{"POST", false}}
	head    = []asking{{"HEAD", false}}
	connect = []asking{{"CONNECT", true}}
)

var clientCases = []parserCase{{
	name: "keep-alive and pipelining",
	wire: "GET /a HTTP/1.1\r\nHost: docker\r\n\r\nHEAD /b?c HTTP/1.1\r\n\r\n",
	want: `
		head GET /a 1.1 none
		field Host="docker"
		end
		head HEAD /b?c 1.1 none
		end
		eof`,
}, {
	name: "body by length",
	wire: "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhelloPUT / HTTP/1.1\r\ncontent-length:0\r\n\r\n",
	want: `
		head POST / 1.1 length 5
		field Content-Length="5"
		body "hello"
		end
		head PUT / 1.1 length 0
		field content-length="0"
		end
		eof`,
}, {
	name: "chunked body with an extension and trailers, and what follows",
	wire: "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n003;a=b\r\nabc\r\n0\r\nA: b\r\nC:\r\n\r\nGET / HTTP/1.1\r\n\r\n",
	want: `
		head POST /x 1.1 chunked
		field Transfer-Encoding="chunked"
		line "003;a=b" 3
		body "abc"
		chunk end
		line "0" 0
		trailer "A: b\r\nC:\r\n\r\n"
		end
		head GET / 1.1 none
		end
		eof`,
}, {
	name: "close within chunk data",
	wire: "POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n0A\r\nabc",
	want: `
		head POST / 1.1 chunked
		field Transfer-Encoding="Chunked"
		line "0A" 10
		body "abc"
		eof cut, 9 missing`,
}, {
	name: "close within the CRLF after a chunk",
	wire: "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r",
	want: `
		head POST / 1.1 chunked
		field Transfer-Encoding="chunked"
		line "3" 3
		body "abc"
		eof cut, 1 missing
		held "\r"`,
}, {
	name: "close within a body by length",
	wire: "PUT / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhel",
	want: `
		head PUT / 1.1 length 5
		field Content-Length="5"
		body "hel"
		eof cut, 2 missing`,
}, {
	name: "close within trailers",
	wire: "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n",
	want: `
		head PUT / 1.1 chunked
		field Transfer-Encoding="chunked"
		line "0" 0
		eof cut, 0 missing
		held "A: b\r\n"`,
}, {
	name: "close within a head",
	wire: "GET / HTTP/1.1\r\nHost",
	want: `
		eof cut, 0 missing
		held "GET / HTTP/1.1\r\nHost"`,
}, {
	name: "bad chunk",
	wire: "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdGET / HTTP/1.1\r\n\r\n",
	want: `
		head POST / 1.1 chunked
		field Transfer-Encoding="chunked"
		line "3" 3
		body "abc"
		raw "dGET / HTTP/1.1\r\n\r\n"
		eof`,
}, {
	name: "bad chunk size",
	wire: "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x\nabc\r\n",
	want: `
		head POST / 1.1 chunked
		field Transfer-Encoding="chunked"
		raw "3;x\nabc\r\n"
		eof`,
}, {
	name: "trailers that are none",
	wire: "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\nGET / HTTP/1.1\r\n\r\n",
	want: `
		head POST / 1.1 chunked
		field Transfer-Encoding="chunked"
		line "0" 0
		raw "A: b\r\nGET / HTTP/1.1\r\n\r\n"
		eof`,
}, {
	name: "trailers that begin with CR",
	wire: "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\r\n",
	want: `
		head POST / 1.1 chunked
		field Transfer-Encoding="chunked"
		line "0" 0
		raw "\r\r\n"
		eof`,
}, {
	name: "trailer of one byte",
	wire: "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA\n\r\n",
	want: `
		head POST / 1.1 chunked
		field Transfer-Encoding="chunked"
		line "0" 0
		raw "A\n\r\n"
		eof`,
}, {
	name: "trailers with a bare LF",
	wire: "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\n\r\n",
	want: `
		head POST / 1.1 chunked
		field Transfer-Encoding="chunked"
		line "0" 0
		raw "A: b\n\r\n"
		eof`,
}, {
	name: "targets and methods of every form",
	wire: "get //x//y HTTP/1.1\r\nHost:\r\n\r\nOPTIONS * HTTP/1.1\r\n\r\nGET http://h/p?q HTTP/1.1\r\n\r\nM-SEARCH \xc3\xa9?a=`{|} HTTP/1.9\r\n\r\n",
	want: `
		head get //x//y 1.1 none
		field Host=""
		end
		head OPTIONS * 1.1 none
		end
		head GET http://h/p?q 1.1 none
		end
		head M-SEARCH é?a=` + "`" + `{|} 1.9 none
		end
		eof`,
}, {
	name: "HTTP/1.0",
	wire: "GET / HTTP/1.0\r\n\r\nGET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
	want: `
		head GET / 1.0 none close
		end
		head GET / 1.0 none
		field Connection="Keep-Alive"
		end
		eof`,
}, {
	name: "one letter, and nothing expected",
	wire: "X / HTTP/1.1\r\nAccept: 100-continue\r\nExpect: 200-ok\r\n\r\n",
	want: `
		head X / 1.1 none
		field Accept="100-continue"
		field Expect="200-ok"
		end
		eof`,
}, {
	name: "nothing expected in HTTP/1.0",
	wire: "GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n",
	want: `
		head GET / 1.0 none close
		field Expect="100-continue"
		end
		eof`,
}, {
	name: "no method",
	wire: " / HTTP/1.1\r\n\r\n",
	want: `raw " / HTTP/1.1\r\n\r\n"
		eof`,
}, {
	name: "close and Expect",
	wire: "POST / HTTP/1.1\r\nExpect: 100-Continue\r\nConnection: foo , close\r\nContent-Length: 1\r\n\r\nx",
	want: `
		head POST / 1.1 length 1 close expect
		field Expect="100-Continue"
		field Connection="foo , close"
		field Content-Length="1"
		body "x"
		end
		eof`,
}, {
	name: "empty line before the request",
	wire: "\r\nGET / HTTP/1.1\r\nConnection: a,close\r\n\r\n",
	want: `
		head GET / 1.1 none odd close
		field Connection="a,close"
		end
		eof`,
}, {
	name: "upgrade, refused, and CONNECT",
	wire: "POST /exec HTTP/1.1\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n\r\nGET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\nCONNECT a:1 HTTP/1.1\r\n\r\n",
	want: `
		head POST /exec 1.1 none upgrade
		field Upgrade="tcp"
		field Connection="Upgrade"
		end
		head GET / 1.1 none
		field Upgrade="h2c"
		end
		head CONNECT a:1 1.1 none upgrade
		end
		eof`,
}, {
	name: "equal lengths",
	wire: "POST / HTTP/1.1\r\nContent-Length: 2, 2\r\nContent-Length: 02\r\n\r\nab",
	want: `
		head POST / 1.1 length 2
		field Content-Length="2, 2"
		field Content-Length="02"
		body "ab"
		end
		eof`,
}, {
	name: "different lengths",
	wire: "POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nab",
	want: `raw "POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nab"
		eof`,
}, {
	name: "negative length",
	wire: "POST / HTTP/1.1\r\nContent-Length: -2\r\n\r\n",
	want: `raw "POST / HTTP/1.1\r\nContent-Length: -2\r\n\r\n"
		eof`,
}, {
	name: "hexadecimal length",
	wire: "POST / HTTP/1.1\r\nContent-Length: 2a\r\n\r\n",
	want: `raw "POST / HTTP/1.1\r\nContent-Length: 2a\r\n\r\n"
		eof`,
}, {
	name: "length too long",
	wire: "POST / HTTP/1.1\r\nContent-Length: 9223372036854775808\r\n\r\n",
	want: `raw "POST / HTTP/1.1\r\nContent-Length: 9223372036854775808\r\n\r\n"
		eof`,
}, {
	name: "empty length",
	wire: "POST / HTTP/1.1\r\nContent-Length:\r\n\r\n",
	want: `raw "POST / HTTP/1.1\r\nContent-Length:\r\n\r\n"
		eof`,
}, {
	name: "chunked and length",
	wire: "POST / HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	want: `
		head POST / 1.1 chunked
		field Content-Length="2"
		field Transfer-Encoding="chunked"
		line "0" 0
		trailer "\r\n"
		end
		eof`,
}, {
	name: "codings in several fields",
	wire: "POST / HTTP/1.1\r\nTransfer-Encoding: gzip,\r\ntransfer-encoding: , CHUNKED\r\n\r\n0\r\n\r\n",
	want: `
		head POST / 1.1 chunked
		field Transfer-Encoding="gzip,"
		field transfer-encoding=", CHUNKED"
		line "0" 0
		trailer "\r\n"
		end
		eof`,
}, {
	name: "chunked is not the last coding",
	wire: "POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
	want: `raw "POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n"
		eof`,
}, {
	name: "chunked twice",
	wire: "POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip, chunked\r\n\r\n",
	want: `raw "POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip, chunked\r\n\r\n"
		eof`,
}, {
	name: "chunked in HTTP/1.0",
	wire: "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
	want: `raw "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"
		eof`,
}, {
	name: "bare LF, folded lines, empty lines before the request",
	wire: "\r\n\nGET / HTTP/1.1\nA: b\r\nB:\r\n  c \r\n\td\r\n \r\nC: d\n\nGET / HTTP/1.1\r\n\r\n",
	want: `
		head GET / 1.1 none odd
		field A="b"
		field B="c \r\n\td"
		field C="d"
		end
		head GET / 1.1 none
		end
		eof`,
}, {
	name: "folded coding",
	wire: "POST / HTTP/1.1\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
	want: `
		head POST / 1.1 chunked odd
		field Transfer-Encoding="chunked"
		line "0" 0
		trailer "\r\n"
		end
		eof`,
}, {
	name: "empty line after the last request",
	wire: "GET / HTTP/1.1\r\n\r\n\r\n",
	want: `
		head GET / 1.1 none
		end
		eof cut, 0 missing
		held "\r\n"`,
}, {
	name: "TLS",
	wire: "\x16\x03\x01\x02\x00",
	want: `raw "\x16\x03\x01\x02\x00"
		eof`,
}, {
	name: "HTTP/2 with prior knowledge",
	wire: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	want: `raw "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
		eof`,
}, {
	name: "another protocol after HTTP",
	wire: "GET / HTTP/1.1\r\n\r\n*1\r\n$4\r\nPING\r\n",
	want: `
		head GET / 1.1 none
		end
		raw "*1\r\n$4\r\nPING\r\n"
		eof`,
}, {
	name: "not a method",
	wire: "GET\x00",
	want: `raw "GET\x00"
		eof`,
}, {
	name: "lone CR before the request",
	wire: "\rG",
	want: `raw "\rG"
		eof`,
}, {
	name: "HTTP/0.9",
	wire: "GET /\r\n",
	want: `raw "GET /\r\n"
		eof`,
}, {
	name: "space in the target",
	wire: "GET /a b HTTP/1.1\r\n\r\n",
	want: `raw "GET /a b HTTP/1.1\r\n\r\n"
		eof`,
}, {
	name: "space after the version",
	wire: "GET / HTTP/1.1 \r\n\r\n",
	want: `raw "GET / HTTP/1.1 \r\n\r\n"
		eof`,
}, {
	name: "no target",
	wire: "GET  HTTP/1.1\r\n\r\n",
	want: `raw "GET  HTTP/1.1\r\n\r\n"
		eof`,
}, {
	name: "space before a colon",
	wire: "GET / HTTP/1.1\r\nA : b\r\n\r\n",
	want: `raw "GET / HTTP/1.1\r\nA : b\r\n\r\n"
		eof`,
}, {
	name: "no field name",
	wire: "GET / HTTP/1.1\r\n: b\r\n\r\n",
	want: `raw "GET / HTTP/1.1\r\n: b\r\n\r\n"
		eof`,
}, {
	name: "no colon",
	wire: "GET / HTTP/1.1\r\nA\r\n\r\n",
	want: `raw "GET / HTTP/1.1\r\nA\r\n\r\n"
		eof`,
}, {
	name: "fold behind the request line",
	wire: "GET / HTTP/1.1\r\n A: b\r\n\r\n",
	want: `raw "GET / HTTP/1.1\r\n A: b\r\n\r\n"
		eof`,
}, {
	name: "CR in a value",
	wire: "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n",
	want: `raw "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n"
		eof`,
}, {
	name: "NUL in a value",
	wire: "GET / HTTP/1.1\r\nA: \x00\r\n\r\n",
	want: `raw "GET / HTTP/1.1\r\nA: \x00\r\n\r\n"
		eof`,
}}

var serverCases = []parserCase{{
	name:  "lengths, pipelined",
	asked: []asking{{"GET", false}, {"PUT", false}, {"GET", false}},
	wire:  "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 201 \r\nContent-Length: 0\r\n\r\nHTTP/1.1 204\r\n\r\n",
	want: `
		head 200 "OK" 1.1 length 2
		field Content-Length="2"
		body "hi"
		end
		head 201 "" 1.1 length 0
		field Content-Length="0"
		end
		head 204 "" 1.1 none
		end
		eof`,
}, {
	name:  "chunked",
	asked: []asking{{"GET", false}, {"GET", false}},
	wire:  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n39 \r\n" + body57 + "\r\n0\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
	want: `
		head 200 "OK" 1.1 chunked
		field Transfer-Encoding="chunked"
		line "39 " 57
		body "` + body57 + `"
		chunk end
		line "0" 0
		trailer "\r\n"
		end
		head 304 "Not Modified" 1.1 none
		field Content-Length="9"
		end
		eof`,
}, {
	name:  "until the close",
	asked: get,
	wire:  "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{}\nHTTP/1.1 ",
	want: `
		head 200 "OK" 1.0 close close
		field Content-Type="application/json"
		body "{}\nHTTP/1.1 "
		eof complete`,
}, {
	name:  "until the close, empty",
	asked: get,
	wire:  "HTTP/1.1 404 Not Found\r\n\r\n",
	want: `
		head 404 "Not Found" 1.1 close close
		eof complete`,
}, {
	name:  "HEAD",
	asked: append(head, get...),
	wire:  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nHTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
	want: `
		head 200 "OK" 1.1 none
		field Transfer-Encoding="chunked"
		field Content-Length="5"
		end
		head 204 "No Content" 1.1 none
		field Content-Length="5"
		end
		eof`,
}, {
	name:  "interim responses",
	asked: post,
	wire:  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
	want: `
		head 100 "Continue" 1.1 none interim
		head 103 "Early Hints" 1.1 none interim
		field Link="x"
		head 200 "OK" 1.1 length 1
		field Content-Length="1"
		body "x"
		end
		eof`,
}, {
	name:  "101",
	asked: []asking{{"POST", true}},
	wire:  "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
	want: `
		head 101 "UPGRADED" 1.1 stream upgrade
		field Content-Type="application/vnd.docker.raw-stream"
		field Connection="Upgrade"
		field Upgrade="tcp"
		raw "HTTP/1.1 200 OK\r\n\r\n"
		eof`,
}, {
	name:  "101 that was not asked for",
	asked: get,
	wire:  "HTTP/1.1 101 Switching Protocols\r\n\r\nx",
	want: `
		head 101 "Switching Protocols" 1.1 stream upgrade
		raw "x"
		eof`,
}, {
	name:  "CONNECT",
	asked: connect,
	wire:  "HTTP/1.1 200 Connection established\r\nContent-Length: 5\r\n\r\nhello, again",
	want: `
		head 200 "Connection established" 1.1 stream upgrade
		field Content-Length="5"
		raw "hello, again"
		eof`,
}, {
	name:  "CONNECT refused",
	asked: append(connect, get...),
	wire:  "HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nnoHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
	want: `
		head 407 "No" 1.1 length 2
		field Content-Length="2"
		body "no"
		end
		head 200 "OK" 1.1 length 0
		field Content-Length="0"
		end
		eof`,
}, {
	name:  "hijack without upgrade",
	asked: post,
	wire:  "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n\x01\x00\x00\x00\x00\x00\x00\x01x",
	want: `
		head 200 "OK" 1.1 stream upgrade
		field Content-Type="application/vnd.docker.raw-stream"
		raw "\x01\x00\x00\x00\x00\x00\x00\x01x"
		eof`,
}, {
	name:  "hijack, multiplexed",
	asked: []asking{{"GET", true}},
	wire:  "HTTP/1.1 200 OK\r\nContent-Type: Application/vnd.docker.multiplexed-stream ; a=b\r\n\r\nx",
	want: `
		head 200 "OK" 1.1 stream upgrade
		field Content-Type="Application/vnd.docker.multiplexed-stream ; a=b"
		raw "x"
		eof`,
}, {
	name:  "logs are no hijack",
	asked: append(get, post...),
	wire:  "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\nNo such container: nosuch\r\n",
	want: `
		head 200 "OK" 1.1 chunked
		field Content-Type="application/vnd.docker.raw-stream"
		field Transfer-Encoding="chunked"
		line "0" 0
		trailer "\r\n"
		end
		head 404 "Not Found" 1.1 close close
		field Content-Type="application/vnd.docker.raw-stream"
		body "No such container: nosuch\r\n"
		eof complete`,
}, {
	name:  "logs of a client that speaks HTTP/1.0 are no hijack",
	asked: get,
	wire:  "HTTP/1.0 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\nx",
	want: `
		head 200 "OK" 1.0 close close
		field Content-Type="application/vnd.docker.raw-stream"
		body "x"
		eof complete`,
}, {
	name:  "keep-alive and close",
	asked: append(get, get...),
	wire:  "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
	want: `
		head 200 "OK" 1.0 length 0
		field Connection="keep-alive"
		field Content-Length="0"
		end
		head 200 "OK" 1.1 length 0 close
		field Connection="close"
		field Content-Length="0"
		end
		eof`,
}, {
	name: "an answer to nothing",
	wire: "HTTP/1.1 408 Request Timeout\r\n\r\n",
	want: `raw "HTTP/1.1 408 Request Timeout\r\n\r\n"
		eof`,
}, {
	name:  "one answer too many",
	asked: get,
	wire:  "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
	want: `
		head 204 "No Content" 1.1 none
		end
		raw "HTTP/1.1 204 No Content\r\n\r\n"
		eof`,
}, {
	name:  "different lengths",
	asked: get,
	wire:  "HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nab",
	want: `raw "HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nab"
		eof`,
}, {
	name:  "chunked and length",
	asked: get,
	wire:  "HTTP/1.1 200 OK\r\nContent-Length: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	want: `
		head 200 "OK" 1.1 chunked
		field Content-Length="x"
		field Transfer-Encoding="chunked"
		line "0" 0
		trailer "\r\n"
		end
		eof`,
}, {
	name:  "coding that is not chunked",
	asked: get,
	wire:  "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nxyz",
	want: `
		head 200 "OK" 1.1 close close
		field Transfer-Encoding="gzip"
		body "xyz"
		eof complete`,
}, {
	name:  "coding that is not chunked, and length",
	asked: get,
	wire:  "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 1\r\n\r\nx",
	want: `raw "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 1\r\n\r\nx"
		eof`,
}, {
	name:  "no coding",
	asked: get,
	wire:  "HTTP/1.1 200 OK\r\nTransfer-Encoding: ,\r\n\r\nx",
	want: `raw "HTTP/1.1 200 OK\r\nTransfer-Encoding: ,\r\n\r\nx"
		eof`,
}, {
	name:  "chunked in HTTP/1.0",
	asked: get,
	wire:  "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	want: `raw "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
		eof`,
}, {
	name:  "odd but understood",
	asked: get,
	wire:  "HTTP/1.1 999 \xff what\nContent-Length \t: 1\r\nC: d\n e\n\n",
	want: `
		head 999 "\xff what" 1.1 close odd close
		field Content-Length 	="1"
		field C="d\n e"
		eof complete`,
}, {
	name:  "not a status",
	asked: get,
	wire:  "HTTP/1.1 2000 OK\r\n\r\n",
	want: `raw "HTTP/1.1 2000 OK\r\n\r\n"
		eof`,
}, {
	name:  "no colon",
	asked: get,
	wire:  "HTTP/1.1 200 OK\r\nA\r\n\r\n",
	want: `raw "HTTP/1.1 200 OK\r\nA\r\n\r\n"
		eof`,
}, {
	name:  "no colon after white space",
	asked: get,
	wire:  "HTTP/1.1 200 OK\r\nA \r\n\r\n",
	want: `raw "HTTP/1.1 200 OK\r\nA \r\n\r\n"
		eof`,
}, {
	name:  "status of four digits",
	asked: get,
	wire:  "HTTP/1.1 2000\r\n\r\n",
	want: `raw "HTTP/1.1 2000\r\n\r\n"
		eof`,
}, {
	name:  "status below 100",
	asked: get,
	wire:  "HTTP/1.1 099 OK\r\n\r\n",
	want: `raw "HTTP/1.1 099 OK\r\n\r\n"
		eof`,
}, {
	name:  "another protocol",
	asked: get,
	wire:  "ICY 200 OK",
	want: `raw "ICY 200 OK"
		eof`,
}, {
	name:  "empty line before the response",
	asked: get,
	wire:  "\r\nHTTP/1.1 200 OK\r\n\r\n",
	want: `raw "\r\nHTTP/1.1 200 OK\r\n\r\n"
		eof`,
}, {
	name:  "HTTP/2",
	asked: get,
	wire:  "HTTP/2 200\r\n\r\n",
	want: `raw "HTTP/2 200\r\n\r\n"
		eof`,
}}

const body57 = `{_status_:_Pulling from library/busybox_,_id_:_latest_}__`
