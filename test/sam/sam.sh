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
readonly url=https://localhost:$port

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

# Makes the network, and starts on its gateway the emulators with the demo in them: those
# of a whole local stack, whose own API answers too, on a port of its own.
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
	PORT=0 .local/bin/local -quiet -host "$gateway" -json "$state/stack.json" </dev/null >"$state/local.log" 2>&1 &
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
		"DynamoDBEndpoint=$(stack dynamodb)"
		"SecretsManagerEndpoint=$(stack secretsmanager)")
	# Those of local/account: an emulator may keep a store for each account and region.
	export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_SESSION_TOKEN=local
	export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
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

# Takes over the network of a running make sam; fails if there is none.
running() {
	[[ -e $state/running ]] || return 1
	local pid=''
	# shellcheck source=/dev/null
	source "$state/running"
	kill -0 "$pid" 2>/dev/null
}

# Starts all, and returns when the API answers.
start() {
	! (running) || die "make sam runs here already"
	! (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || die "port $port is in use; choose another with PORT"
	start_emulators
	overrides
	certificate
	say "building the functions"
	build .aws-sam/local
	# Warm containers: one for each function, kept, as Lambda keeps its own.
	"$sam" local start-api --template .aws-sam/local/template.yaml --host 127.0.0.1 --port "$port" \
		--ssl-cert-file "$state/cert.pem" --ssl-key-file "$state/key.pem" \
		--warm-containers LAZY --docker-network "$network" --skip-pull-image \
		"${image_args[@]}" "${overrides[@]}" </dev/null >"$1" 2>&1 &
	sam_pid=$!
	for ((i = 0; i < 120; i++)); do
		kill -0 "$sam_pid" 2>/dev/null || break
		if curl --silent --fail --noproxy '*' --max-time 60 --cacert "$state/cert.pem" --output /dev/null "$url/v1/health"; then
			printf '%s\n' "pid=$$" "network=$network" "image_args=(${image_args[*]@Q})" >"$state/running"
			return
		fi
		sleep 0.5
	done
	[[ $1 != "$state/sam.log" ]] || cat "$1" >&2
	die "sam local start-api did not start"
}

# invoke NAME EVENT: prints the function's answer.
invoke() {
	build .aws-sam/invoke "$1"
	python3 test/sam/fill.py "$2" "$state/stack.json" |
		"$sam" local invoke "$1" --event - --template .aws-sam/invoke/template.yaml \
			--docker-network "$network" --skip-pull-image "${image_args[@]}" "${overrides[@]}"
}

# ------------------------------------------------------------------- commands

serve() {
	start /dev/stderr
	local key curl
	key=$(stack demo testKey)
	curl="curl --cacert $state/cert.pem -u :$key"
	cat <<-END

		Keyslot is ready at $url, by sam local. Ctrl-C ends it.

		  test key   $key
		  live keys  $(stack demo importedLive) (imported)
		             $(stack demo owner) (owner)
		             $(stack demo reader) (may only read)

		Try it, in $PWD:

		  $curl $url/v1/me
		  $curl '$url/v1/event-types/$(stack demo testEventType)/slots?timeZone=Europe/Berlin&from=$(tomorrow)&to=$(tomorrow 7)'
		  $curl $url/v1/bookings
		  $curl $url/v1/bookings -d '$(body)'

	END
	wait -n "$sam_pid" "$local_pid" || true
	die "sam local or the emulators have ended"
}

# tomorrow [DAYS]: midnight of tomorrow, or of days after it.
tomorrow() {
	python3 -c 'import datetime, sys; print((datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(1 + int(sys.argv[1]))).strftime("%Y-%m-%dT00:00:00Z"))' "${1:-0}"
}

# body: that of a request which books a free slot.
body() {
	python3 test/sam/fill.py events/bookings-create.json "$state/stack.json" | python3 -c 'import json, sys; print(json.load(sys.stdin)["body"])'
}

invoke_alone() {
	[[ -r $2 ]] || die "there is no event $2"
	if running; then
		local owned=$network # by the other process: not ours to remove
		network=''
		overrides
		network=$owned invoke "$@"
	else
		start_emulators
		overrides
		invoke "$@"
	fi
}

# expect NAME EVENT PYTHON: fails unless the expression holds of the answer.
expect() {
	local answer
	answer=$(invoke "$1" "$2")
	say "$1 answered $answer"
	python3 -c 'import json, sys; answer = json.loads(sys.argv[1]); sys.exit(not eval(sys.argv[2]))' "$answer" "$3" ||
		die "$1: wanted $3"
}

check() {
	start "$state/sam.log"
	expect Authorizer events/authorizer.json 'answer["policyDocument"]["Statement"][0]["Effect"] == "Allow"'
	expect BookingsCreate events/bookings-create.json 'answer["statusCode"] == 201'
	if ! KEYSLOT_URL=$url KEYSLOT_DEMO=$PWD/$state/stack.json \
		go test -count=1 -v -run=TestBookingFlow -exec "env SSL_CERT_FILE=$PWD/$state/cert.pem" ./test/e2e; then
		tail -n 50 "$state/sam.log" >&2
		die "the end-to-end suite failed over sam local"
	fi
}

case "${1-}:$#" in
serve:1) serve ;;
invoke:3) invoke_alone "$2" "$3" ;;
check:1) check ;;
*) die "usage: sam.sh serve | invoke NAME EVENT | check" ;;
esac
