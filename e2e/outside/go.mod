module example.com/outside

go 1.26.0

require (
	github.com/wiretape/wiretape v0.0.0
	gopkg.in/dnaeon/go-vcr.v3 v3.2.0
)

require (
	github.com/Microsoft/go-winio v0.6.4 // indirect
	github.com/google/go-cmp v0.7.0 // indirect
	github.com/klauspost/compress v1.20.4 // indirect
	golang.org/x/sys v0.50.0 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)

replace github.com/wiretape/wiretape => ../..
