module github.com/wiretape/wiretape/e2e

go 1.26
