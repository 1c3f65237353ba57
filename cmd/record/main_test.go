package main

import (
	"testing"

	"github.com/wiretape/wiretape/internal/scripttest"
)

func TestMain(m *testing.M) { scripttest.Main(m, "record", main) }

func TestScripts(t *testing.T) { scripttest.Run(t) }
