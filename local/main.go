// Command local serves the API on this machine: the real binaries behind a gateway
// that reads template.yaml, over emulators. `make run` starts it.
//
//	PORT      where it listens, on localhost only; default 3000, 0 for any free port
//	DATA_DIR  where it keeps the data; without it they are in memory
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"keyslot/local/stack"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "keyslot:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	file := flag.String("json", "", "`file` to write addresses, ids and keys to")
	host := flag.String("host", "", "`address` on which the emulators listen; default 127.0.0.1")
	quiet := flag.Bool("quiet", false, "print neither logs nor lines to try")
	flag.Parse()
	port, err := strconv.Atoi(cmp.Or(os.Getenv("PORT"), "3000"))
	if err != nil || port < 0 || port > 65535 {
		return fmt.Errorf("PORT must be a number from 0 to 65535")
	}
	o := stack.Options{
		Port: port, DataDir: os.Getenv("DATA_DIR"), Host: *host,
		Progress: func(what string) { fmt.Fprintf(os.Stderr, "keyslot: %s\n", what) },
	}
	if !*quiet {
		o.Log = os.Stderr
	}
	began := time.Now()
	s, err := stack.Start(ctx, o)
	if err != nil {
		if ctx.Err() != nil { // Ctrl-C is no error
			return nil
		}
		return err
	}
	defer s.Close()
	if *file != "" {
		js, err := json.MarshalIndent(s, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(*file+".new", js, 0o600); err != nil {
			return err
		}
		if err := os.Rename(*file+".new", *file); err != nil { // whole, or not there: scripts wait for it
			return err
		}
	}
	if !*quiet {
		took := time.Since(began)
		from := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
		free, err := s.FreeStart(ctx, from)
		if err != nil {
			return err
		}
		printLines(s, took, from, free)
	}
	<-ctx.Done()
	return nil
}

// printLines prints what there is, and lines that work when they are pasted.
func printLines(s *stack.Stack, took time.Duration, from, free time.Time) {
	d := s.Demo
	slots := fmt.Sprintf("'%s/v1/event-types/%s/slots?timeZone=Europe/Berlin&from=%s&to=%s'",
		s.URL, d.TestEventType, from.Format(time.RFC3339), from.AddDate(0, 0, 7).Format(time.RFC3339))
	fmt.Printf(`
Keyslot is ready at %s after %.1f s. Ctrl-C ends it.

  organization     %s
  users            %s (Ada, Berlin), %s (Bob, New York)
  event type       %s (live), %s (test)

  test key         %s
  live keys        %s (imported)
                   %s (owner)
                   %s (may only read)

Try it:

  curl -u :%s %s/v1/bookings
  curl -u :%s %s
  curl -u :%s %s/v1/bookings -d '{"eventTypeId":"%s","start":"%s","attendee":{"name":"Grace","email":"grace@example.com","timeZone":"Europe/Berlin"}}'
  curl -H 'Authorization: Bearer %s' %s/v1/me

`, s.URL, took.Seconds(), d.Organization, d.Users[0], d.Users[1], d.LiveEventType, d.TestEventType,
		d.TestKey, d.ImportedLive, d.Owner, d.Reader,
		d.TestKey, s.URL,
		d.TestKey, slots,
		d.TestKey, s.URL, d.TestEventType, free.Format(time.RFC3339),
		d.ImportedLive, s.URL)
}
