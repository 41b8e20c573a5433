#!/bin/bash
# devcert.sh - a certificate for development and tests, signed by an own authority.
#
#   tools/devcert.sh [--dir DIR] NAME...
#
# NAMEs are host names or addresses, the first one names the files. DIR (default: build/devcert)
# gets ca.crt and ca.key, unless they are there, then NAME.crt and NAME.key; the three files that
# server and clients need are printed. Have clients trust ca.crt, and nobody else see ca.key.
set -euo pipefail

dir=build/devcert
if [ "${1:-}" = --dir ] && [ $# -ge 2 ]; then
    dir=$2
    shift 2
fi
if [ $# = 0 ] || [[ $1 == -* ]]; then
    echo "usage: tools/devcert.sh [--dir DIR] NAME..." >&2
    exit 2
fi

umask 077
mkdir -p "$dir"
cd "$dir"
name=$1

alternative_names() {
    local separator=""

    for name in "$@"; do
        case $name in
        *:* | [0-9]*.[0-9]*.[0-9]*.*[0-9]) printf '%sIP:%s' "$separator" "$name" ;;
        *) printf '%sDNS:%s' "$separator" "$name" ;;
        esac
        separator=,
    done
}

new_key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)

if [ ! -e ca.crt ]; then
    openssl req -x509 "${new_key[@]}" -keyout ca.key -out ca.crt -days 3650 \
        -subj "/CN=Tickwire development authority" \
        -addext "keyUsage=critical,keyCertSign,cRLSign" 2>/dev/null
fi
openssl req "${new_key[@]}" -keyout "$name.key" -subj "/CN=$name" 2>/dev/null |
    openssl x509 -req -CA ca.crt -CAkey ca.key -set_serial "0x$(openssl rand -hex 16)" -days 365 \
        -out "$name.crt" 2>/dev/null -extfile <(
            echo "basicConstraints=critical,CA:FALSE"
            echo "keyUsage=critical,digitalSignature"
            echo "extendedKeyUsage=serverAuth"
            echo "subjectAltName=$(alternative_names "$@")"
        )
chmod 644 ca.crt "$name.crt"

echo "authority:   $dir/ca.crt"
echo "certificate: $dir/$name.crt"
echo "key:         $dir/$name.key"
