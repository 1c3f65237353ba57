package http1

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
	name: "tab behind the method",
	wire: "GET\t/ HTTP/1.1\r\n\r\n",
	want: `raw "GET\t/ HTTP/1.1\r\n\r\n"
		eof`,
}, {
	name: "tab behind the target",
	wire: "GET /\tHTTP/1.1\r\n\r\n",
	want: `raw "GET /\tHTTP/1.1\r\n\r\n"
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
