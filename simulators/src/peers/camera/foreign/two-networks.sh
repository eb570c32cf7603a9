# Two networks joined by a cable, made for this process alone: the camera in one, onvif-util in the other, since it does not
# hear cameras on its own machine. Arguments: the camera's command. Run by: unshare --map-root-user --net sh two-networks.sh …
set -e
ip link set lo up
ip link add hall0 type veth peer name hall1
ip addr add 10.77.0.1/24 dev hall0
ip link set hall0 up
ip route add 224.0.0.0/4 dev hall0
mkfifo "$FIFO"
unshare --net sleep 600 &
other=$!
trap 'kill $other 2>/dev/null || true' EXIT
until [ "$(readlink /proc/$other/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do :; done
ip link set hall1 netns $other
there() { nsenter --target $other --net "$@"; }
there ip addr add 10.77.0.2/24 dev hall1
there ip link set hall1 up
there ip route add 224.0.0.0/4 dev hall1
"$@" <"$FIFO" >"$FIFO.out" 2>&1 &
camera=$!
exec 3>"$FIFO"
until grep -q READY "$FIFO.out"; do kill -0 $camera; sleep 0.05; done
there onvif-util -a
printf 'get time\nget rtsp\nget profiles\nget imaging\nset brightness 61\nget imaging\nsync_time\nreboot\nyes\nquit\n' |
  there onvif-util -u operator -p "$PASSWORD" 10.77.0.1
exec 3>&-
wait $camera
cat "$FIFO.out"
