package chunked

import (
	"bytes"
	"testing"
)

func BenchmarkDecoder(b *testing.B) {
	wire := bytes.Repeat(AppendChunk(nil, make([]byte, 60)), 1000)
	var d Decoder
	b.SetBytes(int64(len(wire)))
	b.ReportAllocs()
	for b.Loop() {
		for rest := wire; len(rest) > 0; {
			_, n, err := d.Next(rest)
			if err != nil {
				b.Fatal(err)
			}
			rest = rest[n:]
		}
	}
}

func BenchmarkAppendChunk(b *testing.B) {
	data := make([]byte, 60)
	var buf []byte
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendChunk(buf[:0], data)
	}
}

func BenchmarkRecords(b *testing.B) {
	body := bytes.Repeat([]byte(`{"status":"Downloading","progressDetail":{"current":3,"total":9},"id":"6394a0511810"}`+"\r\n"), 1000)
	s := Records()
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		for rest := body; len(rest) > 0; {
			n, _ := s.Split(rest)
			rest = rest[n:]
		}
	}
}
