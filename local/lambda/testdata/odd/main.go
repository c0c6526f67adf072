// Command odd is a function that does what its event says.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

type event struct {
	Do     string        `json:"do"`
	Millis time.Duration `json:"millis"`
}

func main() {
	lambda.StartHandlerFunc(func(_ context.Context, e event) (string, error) {
		switch e.Do {
		case "fail":
			return "", errors.New("it failed")
		case "panic":
			panic("out of order")
		case "exit":
			os.Exit(3)
		case "environ":
			folder, err := os.Getwd()
			return strings.Join(append(os.Environ(), "folder="+folder), "\n"), err
		case "large":
			return strings.Repeat("x", 6<<20), nil
		case "env":
			return os.Getenv("GREETING") + os.Getenv("HOME"), nil
		}
		fmt.Println("working")
		time.Sleep(e.Millis * time.Millisecond)
		return fmt.Sprint(os.Getpid()), nil
	})
}
