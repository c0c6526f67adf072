#!/usr/bin/env bash
#
# The API by `sam local`, in Docker. Run by the Makefile, which sets the build's environment:
#
#   sam.sh serve              serve it on https://localhost:${PORT:-3000} until Ctrl-C
#   sam.sh invoke NAME EVENT  invoke one function
#   sam.sh check              both, and the end-to-end suite, for .ci/run
#
# Everything runs in a Docker network of its own, on whose gateway the emulators listen. So
# what is left of it at the end can be told from other people's containers, and removed.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
readonly sam=.tools/sam/bin/sam state=.local/sam
readonly port=${PORT:-3000}

say() { echo "sam: $*" >&2; }
die() { say "$@" && exit 1; }

# ---------------------------------------------------------------- the machine

arch() {
	case $(uname -m) in
	x86_64 | amd64) echo x86_64 ;;
	aarch64 | arm64) echo arm64 ;;
	*) die "Lambda has no processor like this one: $(uname -m)" ;;
	esac
}

need_docker() {
	command -v docker >/dev/null || die "docker is missing; sam local runs functions in containers"
	docker info >/dev/null 2>&1 || die "no Docker engine answers ('docker info' fails); start one, then try again"
}

# A base image for the functions, which are static: Lambda's own, or a small one where no
# registry can be reached. Sets image_args.
image_args=()
base_image() {
	local name minimal=keyslot/provided:minimal
	name=public.ecr.aws/lambda/provided:al2023-$(arch)
	if docker image inspect "$name" >/dev/null 2>&1; then
		return
	fi
	if ! docker image inspect "$minimal" >/dev/null 2>&1; then
		if timeout 300 docker pull --quiet "$name" >/dev/null 2>&1; then
			return
		fi
		say "cannot pull $name: made $minimal from busybox instead"
		make_image "$minimal"
	fi
	image_args=(--invoke-image "$minimal")
}

# make_image NAME: sam adds Lambda's emulator to the image, with sh, mv and chmod.
make_image() (
	root=$(mktemp -d)
	trap 'rm -rf "$root"' EXIT
	mkdir -p "$root"/{deb,image/{bin,opt,tmp,var/{rapid,runtime,task}}}
	chmod 755 "$root/image"
	chmod 1777 "$root/image/tmp"
	busybox=$(command -v busybox || true)
	if [[ -z $busybox ]] || ldd "$busybox" >/dev/null 2>&1; then # none, or one that needs libraries
		(cd "$root/deb" && apt-get download --quiet busybox-static && dpkg-deb --extract ./*.deb .) >/dev/null 2>&1 ||
			die "there is no static busybox here, and Debian's busybox-static cannot be had"
		busybox=$(find "$root/deb" -name busybox -type f | head -n 1)
	fi
	cp "$busybox" "$root/image/bin/busybox"
	for applet in sh mv chmod cp mkdir rm cat ls; do
		ln -s busybox "$root/image/bin/$applet"
	done
	tar --directory "$root/image" --create . |
		docker import --change 'ENV PATH=/bin LAMBDA_TASK_ROOT=/var/task' --change 'WORKDIR /var/task' - "$1" >/dev/null
)

# ---------------------------------------------------------- what runs, and its end

network='' local_pid='' sam_pid=''

# Ends all that this script has started, however it ends.
cleanup() {
	local status=$?
	trap - EXIT
	trap '' INT TERM # a second Ctrl-C does not leave things half done
	stop "$sam_pid"
	if [[ -n $network ]]; then
		docker ps --all --quiet --filter "network=$network" | xargs --no-run-if-empty docker rm --force >/dev/null || true
	fi
	stop "$local_pid"
	if [[ -n $network ]]; then
		docker network rm "$network" >/dev/null || true
		if [[ -e $state/running ]] && [[ $(head -n 1 "$state/running") == "pid=$$" ]]; then
			rm -f "$state/running"
		fi
	fi
	exit "$status"
}

# stop PID: asks a child to end; after 20 seconds, makes it.
stop() {
	[[ -n $1 ]] || return 0
	kill "$1" 2>/dev/null || return 0
	for ((i = 0; i < 200; i++)); do
		kill -0 "$1" 2>/dev/null || break
		sleep 0.1
	done
	kill -KILL "$1" 2>/dev/null || true
	wait "$1" 2>/dev/null || true
}

trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Makes the network and starts the emulators in it, with the demo's data.
start_emulators() {
	need_docker
	base_image
	mkdir -p "$state" .local/bin
	go build -o .local/bin/local ./local
	network=keyslot-$$
	docker network create "$network" >/dev/null
	local gateway
	gateway=$(docker network inspect --format '{{(index .IPAM.Config 0).Gateway}}' "$network")
	rm -f "$state/stack.json"
	.local/bin/local -emulators-only -host "$gateway" -json "$state/stack.json" >"$state/local.log" 2>&1 &
	local_pid=$!
	for ((i = 0; i < 3000; i++)); do
		[[ -s $state/stack.json ]] && break
		kill -0 "$local_pid" 2>/dev/null || break
		sleep 0.1
	done
	[[ -s $state/stack.json ]] || {
		cat "$state/local.log" >&2
		die "the emulators did not start"
	}
}

# stack KEY…: a value of the JSON that local writes.
stack() {
	python3 -c '
import json, sys
value = json.load(open(sys.argv[1]))
for key in sys.argv[2:]:
    value = value[int(key) if isinstance(value, list) else key]
print(value)' "$state/stack.json" "$@"
}

# Sets overrides: the template's parameters that point functions to the emulators.
overrides() {
	overrides=(--parameter-overrides
		"Architecture=$(arch)"
		"DynamoDBEndpoint=$(stack endpoints dynamodb)"
		"SecretsManagerEndpoint=$(stack endpoints secretsManager)")
	# The emulators take any.
	export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_SESSION_TOKEN=local
	unset AWS_PROFILE
}

# build DIR [NAME]: sam build for this machine, quiet unless it fails.
build() {
	GOOS=linux GOARCH=$(go env GOHOSTARCH) go build ./authorizer ./functions/... # 15 builds at once would each compile the SDK
	"$sam" build ${2:+"$2"} --build-dir "$1" --parameter-overrides "Architecture=$(arch)" >"$state/build.log" 2>&1 || {
		cat "$state/build.log" >&2
		die "sam build failed"
	}
}

# The authorizer refuses what came over plain HTTP, and sam passes on how it came: so TLS,
# under a certificate for this machine's own name.
certificate() {
	[[ -s $state/key.pem ]] && return
	local generate
	generate=$(go env GOROOT)/src/crypto/tls/generate_cert.go
	(cd "$state" && go run "$generate" -ca -ecdsa-curve P256 -host localhost,127.0.0.1 -duration 87600h 2>generate.log) || {
		cat "$state/generate.log" >&2
		die "cannot make a certificate"
	}
}

# Starts all, and returns when the API answers.
start() {
	if [[ -e $state/running ]] && (source_running); then
		die "make sam runs here already"
	fi
	if (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
		die "port $port is in use; choose another: make sam PORT=…"
	fi
	start_emulators
	overrides
	certificate
	build .aws-sam/local
	"$sam" local start-api --template .aws-sam/local/template.yaml --host 127.0.0.1 --port "$port" \
		--ssl-cert-file "$state/cert.pem" --ssl-key-file "$state/key.pem" \
		--warm-containers LAZY --docker-network "$network" --skip-pull-image \
		"${image_args[@]}" "${overrides[@]}" </dev/null >"$state/sam.log" 2>&1 &
	sam_pid=$!
	for ((i = 0; i < 120; i++)); do
		kill -0 "$sam_pid" 2>/dev/null || break
		if curl --silent --fail --max-time 60 --cacert "$state/cert.pem" --output /dev/null "https://localhost:$port/v1/health"; then
			printf '%s\n' "pid=$$" "network=$network" "image_args=(${image_args[*]@Q})" >"$state/running"
			return
		fi
		sleep 0.5
	done
	cat "$state/sam.log" >&2
	die "sam local start-api did not start"
}

# Takes over the network of a running make sam; fails if there is none.
source_running() {
	[[ -e $state/running ]] || return 1
	local pid=''
	# shellcheck source=/dev/null
	source "$state/running"
	kill -0 "$pid" 2>/dev/null
}
