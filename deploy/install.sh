#!/bin/sh
# Installs the bundle this file lies in. Needs no network. As root it makes the accounts and, with systemd, the services.
#   ./install.sh [--prefix /opt/hallhub] [--no-services]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
prefix=/opt/hallhub
services=yes
while [ $# -gt 0 ]; do
  case "$1" in
    --prefix) prefix=${2:?--prefix needs a folder}; shift 2 ;;
    --no-services) services=no; shift ;;
    *) echo "unknown option: $1 (known: --prefix DIR, --no-services)" >&2; exit 2 ;;
  esac
done

echo "checking the files of the bundle"
(cd "$here" && sha256sum --quiet --strict -c SHA256SUMS) || {
  echo "the bundle is damaged: nothing was installed" >&2
  exit 1
}

version=$(cat "$here/VERSION")
mkdir -p "$prefix"
next="$prefix/releases/$version"
if [ -e "$next" ]; then
  echo "version $version is there already: $next" >&2
  exit 1
fi
mkdir -p "$prefix/releases"
draft="$prefix/releases/.$version.part"
rm -rf "$draft"
cp -a "$here/release" "$draft"
mv "$draft" "$next"

# One link is what makes a version the one that runs: switching back is switching the link back.
for name in node cloud edge shared firmware-profiles docs node_modules package.json; do
  ln -sfn "current/$name" "$prefix/$name"
done
[ -L "$prefix/current" ] && readlink "$prefix/current" > "$prefix/previous"
ln -sfn "releases/$version" "$prefix/current.new"
mv -T "$prefix/current.new" "$prefix/current"
echo "HallHub $version is installed in $prefix"

if [ "$services" = yes ] && [ "$(id -u)" = 0 ] && [ -d /run/systemd/system ]; then
  id hallhub-cloud >/dev/null 2>&1 || useradd --system --home-dir /var/lib/hallhub-cloud --shell /usr/sbin/nologin hallhub-cloud
  id hallhub >/dev/null 2>&1 || useradd --system --home-dir /var/lib/hallhub --shell /usr/sbin/nologin hallhub
  for unit in hallhub-cloud.service hallhub-edge.service; do
    sed "s#/opt/hallhub#$prefix#g" "$next/systemd/$unit" > "/etc/systemd/system/$unit"
  done
  systemctl daemon-reload
  echo "services: systemctl enable --now hallhub-cloud   (or hallhub-edge on a unit)"
else
  echo "start:    $prefix/node/bin/node $prefix/cloud/dist/main.js --data DIR"
fi
