#!/usr/bin/env bash
# Runs template.yaml under `sam local`: the functions in containers, as SAM builds and
# calls them, over the emulators and the demo of `make run`. docs/sam-local.md says
# how that differs from a real gateway.
#
#   sam.sh serve                     make sam: the API on https://localhost:$PORT
#   sam.sh invoke FUNCTION EVENT     make invoke: one invocation
#   sam.sh test                      make test-sam: two invocations, then end-to-end tests over HTTPS
#
# The Makefile sees to what it needs: Docker, Go, Python and the SAM CLI.
set -euo pipefail
set -m # each child has a process group: Ctrl-C reaches this script alone, which ends them in order
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
umask 077

sam=$PWD/.tools/sam/bin/sam
state=$PWD/.local/sam
cert=$state/cert.pem
run=$$ # names this run's network and files

# No account's credentials or settings reach SAM or a container. SAM gives containers some
# that it makes up; had it any itself, it would ask AWS whose they are, and wait for that.
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE AWS_DEFAULT_PROFILE
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true
export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
export SAM_CLI_TELEMETRY=0

say() { printf 'keyslot: %s\n' "$*" >&2; }
die() {
	say "$*"
	exit 1
}

case $(uname -m) in
x86_64) arch=x86_64 ;;
aarch64 | arm64) arch=arm64 ;;
*) die "SAM has no functions for the processor $(uname -m)" ;;
esac

# ------------------------------------------------------------------ beginning and end

children=() # process groups, in the order of their starts
began=      # whether this run has a network of its own
work=       # a folder for a moment
event=$state/$$.event

finish() {
	trap - EXIT
	trap '' HUP INT TERM
	local i
	for ((i = ${#children[@]} - 1; i >= 0; i--)); do
		kill -TERM -- "-${children[i]}" 2>/dev/null || true
		wait "${children[i]}" 2>/dev/null || true
	done
	rm -rf ${work:+"$work"} "$event"
	if [[ $began ]]; then
		docker ps --all --quiet --filter "network=keyslot-$run" | xargs -r docker rm --force >/dev/null 2>&1 || true
		docker network rm "keyslot-$run" >/dev/null 2>&1 || true
		rm -f "$state/$run.json"
		if [[ $(cat "$state/serving" 2>/dev/null) == "$run" ]]; then rm -f "$state/serving"; fi
	fi
}

# The signals that end a server end it well; any other command they interrupt.
stopped() { if [[ $command == serve ]]; then exit 0; else exit 130; fi; }

# ---------------------------------------------------------------------------- parts

# Sets image to what `sam local` must be told about the base image of the functions.
base_image() {
	local aws=public.ecr.aws/lambda/provided:al2023-$arch minimal=keyslot-lambda:$arch
	image=()
	if docker image inspect "$aws" >/dev/null 2>&1; then return; fi
	image=(--invoke-image "$minimal")
	if docker image inspect "$minimal" >/dev/null 2>&1; then return; fi
	say "pulling the base image $aws"
	if timeout 300 docker pull --quiet "$aws" >/dev/null 2>&1; then
		image=()
		return
	fi
	say "it cannot be pulled: making a minimal one from busybox ($minimal), enough for static binaries"
	work=$(mktemp -d) # finish removes it
	chmod 755 "$work"
	find_busybox || die "there is no base image: neither could $aws be pulled nor a static busybox be found"
	(umask 022 && mkdir -p "$work/root"/{bin,etc,opt,tmp,var/rapid,var/task})
	install -m 755 "$busybox" "$work/root/bin/busybox"
	for applet in sh mv chmod; do ln -s busybox "$work/root/bin/$applet"; done # those that SAM's Dockerfile calls
	tar --create --directory "$work/root" --owner=0 --group=0 . | docker import - "$minimal" >/dev/null
}

# Sets busybox to a static one: the installed one, or that of Debian's package.
find_busybox() {
	busybox=$(type -P busybox || true)
	if [[ $busybox ]] && ! ldd "$busybox" >/dev/null 2>&1; then return; fi
	busybox=$work/package/bin/busybox
	download || { apt-get -qq update && download; } # a fresh machine may have no lists yet
}

download() { (cd "$work" && apt-get -qq download busybox-static && dpkg-deb --extract busybox-static_*.deb package) >/dev/null 2>&1; }

# Builds all functions for this machine, apart from what `make build` makes to deploy.
build() {
	say "sam build for $arch"
	go build ./authorizer ./functions/... # what they share is compiled once, before sam's parallel builds each do it
	"$sam" build --build-dir "$state/build" --parameter-overrides "Architecture=$arch" >"$state/build.log" 2>&1 || {
		cat "$state/build.log" >&2
		die "sam build failed"
	}
}

# Lets no second run build and start things in this checkout.
alone() {
	exec {lock}>"$state/lock"
	flock --nonblock "$lock" || die "make sam, invoke or test-sam is at work in this folder already"
}

# Starts the emulators, with the demo in them, where the containers can reach them: on
# this machine's address in a Docker network of this run's own.
start_emulators() {
	docker network create "keyslot-$run" >/dev/null
	began=yes
	local gateway
	gateway=$(docker network inspect --format '{{(index .IPAM.Config 0).Gateway}}' "keyslot-$run")
	go build -o .local/bin/local ./local
	PORT=0 .local/bin/local -quiet -host "$gateway" -json "$state/$run.json" </dev/null &
	children+=($!)
	while [[ ! -s $state/$run.json ]]; do
		kill -0 $! 2>/dev/null || die "the emulators did not start"
		sleep 0.1
	done
}

# Sets flags to those that every `sam local` command takes.
set_flags() {
	local dynamodb secrets
	read -r dynamodb secrets < <(python3 -c '
import json, sys
stack = json.load(open(sys.argv[1]))
print(stack["dynamodb"], stack["secretsmanager"])' "$state/$run.json")
	flags=(
		--template "$state/build/template.yaml" --docker-network "keyslot-$run" --skip-pull-image "${image[@]}"
		--parameter-overrides "Architecture=$arch" "DynamoDBEndpoint=$dynamodb" "SecretsManagerEndpoint=$secrets"
	)
}

# Prints the answer of a function to an event, in which the ids are the demo's.
invoke() {
	python3 test/sam/fill.py "$2" "$state/$run.json" >"$event"
	"$sam" local invoke "$1" --event "$event" "${flags[@]}"
}

# Starts the API. It speaks TLS, since the authorizer refuses keys that come in the clear.
start_api() {
	if [[ ! -s $cert || $(find "$cert" -mtime +300) ]]; then
		(cd "$state" && go run "$(go env GOROOT)/src/crypto/tls/generate_cert.go" -host localhost,127.0.0.1 -ecdsa-curve P256 2>/dev/null)
	fi
	"$sam" local start-api --port "$1" --ssl-cert-file "$cert" --ssl-key-file "$state/key.pem" \
		--warm-containers LAZY "${flags[@]}" </dev/null "${@:2}" &
	children+=($!)
	until port_in_use "$1"; do
		kill -0 $! 2>/dev/null || die "sam local start-api ended at once"
		sleep 0.2
	done
}

port_in_use() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# ------------------------------------------------------------------------- commands

serve() {
	local port=${PORT:-3000}
	if port_in_use "$port"; then die "port $port is in use: choose another with PORT"; fi
	alone
	base_image
	build
	start_emulators
	set_flags
	start_api "$port"
	echo "$run" >"$state/serving"
	python3 test/sam/lines.py "https://localhost:$port" "$cert" "$state/$run.json"
	wait -n "${children[@]}" || true
	die "a part has ended: ending all"
}

# Reports whether `make sam` runs in this checkout.
serving() {
	local pid
	pid=$(cat "$state/serving" 2>/dev/null) && [[ -s $state/$pid.json ]] && kill -0 "$pid" 2>/dev/null
}

invoke_once() {
	[[ -f $2 ]] || die "there is no event $2: see events/"
	base_image
	if serving; then
		run=$(cat "$state/serving") # use its data; what it has built is what is invoked
	else
		alone
		build
		start_emulators
	fi
	set_flags
	invoke "$1" "$2"
	echo
}

run_tests() {
	alone
	base_image
	build
	start_emulators
	set_flags
	local answer want function file text
	for want in 'Authorizer events/authorizer.json "Effect":"Allow"' 'BookingsCreate events/bookings-create.json "statusCode":201'; do
		read -r function file text <<<"$want"
		say "sam local invoke $function"
		answer=$(invoke "$function" "$file" 2>"$state/invoke.log") || true
		if [[ ${answer// /} != *"$text"* ]]; then
			cat "$state/invoke.log" >&2
			die "$function answered $answer, which lacks $text"
		fi
	done
	say "a booking and the forms of a credential through sam local start-api"
	local port
	port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	start_api "$port" >"$state/api.log" 2>&1
	KEYSLOT_URL=https://localhost:$port KEYSLOT_DEMO=$state/$run.json \
		go test -count=1 -run '^(TestBookingFlow|TestCredentialForms)$' -exec "env 'SSL_CERT_FILE=$cert'" ./test/e2e || {
		tail -n 100 "$state/api.log" >&2
		die "the end-to-end tests failed"
	}
}

command=${1:-}
trap finish EXIT
trap stopped HUP INT TERM
mkdir -p "$state"
case $command in
serve) serve ;;
invoke) invoke_once "${2:?function}" "${3:?event}" ;;
test) run_tests ;;
*) die "usage: sam.sh serve | invoke FUNCTION EVENT | test" ;;
esac
