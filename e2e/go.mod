module github.com/wiretape/wiretape/e2e

go 1.26.0

require github.com/wiretape/wiretape v0.0.0

replace github.com/wiretape/wiretape => ../
