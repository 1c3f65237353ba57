package http1

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
