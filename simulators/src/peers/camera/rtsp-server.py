"""Serves moving test pictures with sound over RTSP on loopback: H.264 and G.711A, over TCP and UDP.

Usage: rtsp-server.py PORT. Prints READY when it listens; ends when its standard input closes. On standard input, a JSON
object a line; answers OK /path, or NO and why:
{"mount": "/path", "user": "…", "password": "…", "live": false, "clip": {"file": "…", "fps": 10, "startedAtMs": 0}}
{"show": "/path", "clip": {…}}                       other pictures on a mount, from the clip's next whole picture on
{"fault": "/path", "kind": "frozen", "seed": 1}      none, frozen, stalled, choppy, damaged, lossy
{"disconnect": "/path"}, {"unmount": "/path"}
{"account": "user", "password": "…"}                 another password from now on
Pictures are encoded once, before, and sent again and again; with "live" a mount encodes its own as it goes. A clip is
H.264 with access unit delimiters. Its picture n is shown at startedAtMs + n / fps, whoever looks, and it goes round.
"""
import json
import os
import random
import re
import sys
import threading
import time

# Ends of simulated serial lines that came along from the parent: held here, an unplugged line would never hang up.
os.closerange(3, 4096)

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

Gst.init(None)
RATE = 12
PICTURE = f"video/x-raw,width=640,height=360,framerate={RATE}/1"
ENCODE = "x264enc tune=zerolatency speed-preset=ultrafast bitrate=400 key-int-max=24"
SOUND = "audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay name=pay1 pt=8"

missing = [
    name
    for name in ("videotestsrc", "x264enc", "h264parse", "rtph264pay", "appsrc", "appsink", "identity", "valve", "audiotestsrc", "alawenc", "rtppcmapay")
    if Gst.ElementFactory.find(name) is None
]
if missing:
    print("MISSING " + " ".join(missing), flush=True)
    sys.exit(3)

WHOLE_PICTURE = re.compile(rb"\x00\x00\x01[\x25\x45\x65]")
DELIMITER = re.compile(rb"\x00\x00\x00\x01\x09")


def encode_clip():
    """Ten seconds as access units: nothing is encoded any more while they are served."""
    pipeline = Gst.parse_launch(
        f"videotestsrc num-buffers={RATE * 10} pattern=ball ! {PICTURE} ! {ENCODE} "
        "! video/x-h264,profile=baseline,stream-format=byte-stream,alignment=au ! appsink name=units sync=false"
    )
    units, sink = [], pipeline.get_by_name("units")
    pipeline.set_state(Gst.State.PLAYING)
    while (sample := sink.emit("try-pull-sample", 10 * Gst.SECOND)) is not None:
        buffer = sample.get_buffer()
        units.append(buffer.extract_dup(0, buffer.get_size()))
    pipeline.set_state(Gst.State.NULL)
    return units


class Clip:
    """Access units, which of them can be begun with, and when the first one is shown."""

    def __init__(self, units, fps, started_at):
        self.units = units
        self.fps = fps
        # Without a moment of its own it begins when somebody comes.
        self.follows_viewers = started_at is None
        self.started_at = started_at
        self.whole = [WHOLE_PICTURE.search(unit) is not None for unit in units]
        if not any(self.whole):
            raise ValueError("no whole picture in it")

    @staticmethod
    def read(told):
        with open(told["file"], "rb") as file:
            data = file.read()
        starts = [found.start() for found in DELIMITER.finditer(data)]
        if not starts:
            raise ValueError("no access unit delimiters in it")
        units = [data[at:end] for at, end in zip(starts, starts[1:] + [len(data)])]
        return Clip(units, told["fps"], told["startedAtMs"] / 1000)

    def number_at(self, moment):
        return int((moment - self.started_at) * self.fps)

    def time_of(self, number):
        return self.started_at + number / self.fps

    def whole_before(self, number):
        while not self.whole[number % len(self.units)]:
            number -= 1
        return number


LOSS = 0.05
DAMAGE = 0.3

CLIP = (
    "( ( name=pay0 appsrc name=pictures format=time is-live=true max-bytes=40000 caps=video/x-h264,stream-format=byte-stream,alignment=au "
    "! h264parse ! rtph264pay pt=96 config-interval=1 ! identity name=loss ) "
    f"audiotestsrc is-live=true wave=ticks ! valve name=hush ! {SOUND} )"
)
LIVE = (
    f"( videotestsrc is-live=true pattern=ball ! {PICTURE} ! {ENCODE} "
    "! video/x-h264,profile=baseline ! rtph264pay name=pay0 pt=96 config-interval=1 "
    f"audiotestsrc is-live=true wave=ticks ! {SOUND} )"
)

server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(sys.argv[1])
auth = GstRtspServer.RTSPAuth()
auth.set_supported_methods(2)
roles = {}


class Mount:
    """One address, what it shows and how it fails."""

    def __init__(self, path, clip):
        self.path = path
        self.clip = clip
        self.next_clip = None
        self.fault = "none"
        self.random = random.Random(1)
        self.feeds = []

    def configure(self, _factory, media):
        feed = Feed(self, media)
        self.feeds.append(feed)
        media.connect("unprepared", lambda _media: self.feeds.remove(feed) if feed in self.feeds else None)

    def show(self, clip):
        self.next_clip = clip

    def fail(self, kind, seed):
        self.fault = kind
        self.random = random.Random(seed)
        for feed in list(self.feeds):
            feed.apply_fault()


class Feed:
    """The clip for those who look now, each picture at its time; the sinks keep the pace."""

    def __init__(self, mount, media):
        self.mount = mount
        bin = media.get_element()
        self.source = bin.get_by_name_recurse_up("pictures")
        self.loss = bin.get_by_name_recurse_up("loss")
        self.hush = bin.get_by_name_recurse_up("hush")
        self.number = None
        self.offset = None
        self.waits = False
        self.lock = threading.Lock()
        self.apply_fault()
        self.source.connect("need-data", lambda _source, _length: self.push())

    def apply_fault(self):
        kind = self.mount.fault
        self.loss.set_property("drop-probability", LOSS if kind == "lossy" else 0)
        self.hush.set_property("drop", kind == "stalled")
        if kind != "stalled" and self.waits:
            self.waits = False
            self.number = None
            self.push()

    def next_unit(self):
        """The unit to send and the moment at which it is shown."""
        mount, clip = self.mount, self.mount.clip
        if self.number is None:
            if clip.follows_viewers:
                clip.started_at = time.time()
                self.number = 0
        if self.number is None:
            # A clip is begun with a whole picture; who comes in the middle waits for it.
            self.number = clip.number_at(time.time()) + 1
            while not clip.whole[self.number % len(clip.units)]:
                self.number += 1
        if mount.next_clip is not None:
            shown_at = clip.time_of(self.number)
            other = mount.next_clip
            number = int(round((shown_at - other.started_at) * other.fps))
            if other.whole[number % len(other.units)] or other.fps != clip.fps:
                while not other.whole[number % len(other.units)]:
                    number += 1
                mount.clip, mount.next_clip = other, None
                clip, self.number = other, number
        number = self.number
        self.number += 1
        if mount.fault == "choppy":
            while not clip.whole[number % len(clip.units)]:
                number += 1
            self.number = number + 1
        unit = clip.units[(clip.whole_before(number) if mount.fault == "frozen" else number) % len(clip.units)]
        if mount.fault == "damaged" and mount.random.random() < DAMAGE:
            unit = self.damaged(unit)
        return unit, clip.time_of(number), 1 / clip.fps

    def damaged(self, unit):
        """Some bytes of the picture itself are others; what it is, is still told."""
        broken = bytearray(unit)
        first = min(len(broken) - 1, 64)
        for _ in range(1 + len(broken) // 400):
            broken[self.mount.random.randrange(first, len(broken))] = self.mount.random.randrange(256)
        return bytes(broken)

    def push(self):
        with self.lock:
            if self.mount.fault == "stalled":
                self.waits = True
                return
            unit, shown_at, lasts = self.next_unit()
            if self.offset is None:
                running = self.source.get_clock().get_time() - self.source.get_base_time()
                self.offset = running / Gst.SECOND - time.time()
            buffer = Gst.Buffer.new_wrapped(unit)
            buffer.pts = buffer.dts = max(0, int((shown_at + self.offset) * Gst.SECOND))
            buffer.duration = int(lasts * Gst.SECOND)
        self.source.emit("push-buffer", buffer)


mounts = {}
watchers = {}


def on_client(_server, client):
    watchers[client] = set()
    client.connect("closed", lambda gone: watchers.pop(gone, None))
    client.connect("setup-request", lambda one, context: watchers.setdefault(one, set()).add(context.uri.abspath))


def disconnect(path):
    for client, seen in list(watchers.items()):
        if any(address == path or address.startswith(path + "/") for address in seen):
            client.close()


def set_password(user, password):
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", roles.setdefault(user, f"viewer{len(roles)}"))
    auth.remove_digest(user)
    auth.add_digest(user, password, token)


class ClipFactory(GstRtspServer.RTSPMediaFactory):
    """What a launch line cannot say: the packets leave the inner bin behind the element that loses some."""

    def do_create_element(self, _url):
        outer = Gst.parse_launch(CLIP)
        inner = outer.get_by_name("pay0")
        inner.add_pad(Gst.GhostPad.new("src", outer.get_by_name("loss").get_static_pad("src")))
        for end in ("pay0", "pay1"):
            outer.get_by_name(end).get_static_pad("src").add_probe(Gst.PadProbeType.QUERY_UPSTREAM, no_seeking)
        return outer


def no_seeking(_pad, info):
    """Time goes one way here: a viewer that asks for the beginning (npt=0) gets what is shown now."""
    query = info.get_query()
    if query.type != Gst.QueryType.SEEKING:
        return Gst.PadProbeReturn.OK
    query.set_seeking(Gst.Format.TIME, False, 0, -1)
    return Gst.PadProbeReturn.HANDLED


def mount(order):
    factory = GstRtspServer.RTSPMediaFactory() if order.get("live") else ClipFactory()
    if order.get("live"):
        factory.set_launch(LIVE)
    # One who takes the picture without the sound would keep everybody else from a shared one (503 to their DESCRIBE).
    factory.set_shared(bool(order.get("live")))
    if not order.get("live"):
        clip = Clip.read(order["clip"]) if order.get("clip") else Clip(test_units, RATE, None)
        mounts[order["mount"]] = Mount(order["mount"], clip)
        factory.connect("media-configure", mounts[order["mount"]].configure)
    if order.get("user"):
        # From the first account on, the server asks everybody to sign in.
        server.set_auth(auth)
        role = roles.setdefault(order["user"], f"viewer{len(roles)}")
        set_password(order["user"], order["password"])
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_role(role)
        permissions.add_permission_for_role(role, "media.factory.access", True)
        permissions.add_permission_for_role(role, "media.factory.construct", True)
        factory.set_permissions(permissions)
    server.get_mount_points().add_factory(order["mount"], factory)


def obey(line):
    order = json.loads(line)
    name = next((order[verb] for verb in ("mount", "unmount", "show", "fault", "disconnect", "account") if verb in order), "")
    try:
        if "mount" in order:
            mount(order)
        elif "unmount" in order:
            mounts.pop(name, None)
            server.get_mount_points().remove_factory(name)
        elif "show" in order:
            mounts[name].show(Clip.read(order["clip"]))
        elif "fault" in order:
            mounts[name].fail(order["kind"], order.get("seed", 1))
        elif "disconnect" in order:
            disconnect(name)
        elif "account" in order:
            set_password(name, order["password"])
        print("OK " + name, flush=True)
    except (KeyError, OSError, ValueError) as error:
        print(f"NO {name}: {error!r}", flush=True)
    return False


def listen_for_orders():
    for line in sys.stdin:
        GLib.idle_add(obey, line)
    GLib.idle_add(loop.quit)


loop = GLib.MainLoop()
test_units = encode_clip()
if not test_units:
    print("MISSING an H.264 encoder that works", flush=True)
    sys.exit(3)
server.connect("client-connected", on_client)
if server.attach(None) == 0:
    print("BUSY " + sys.argv[1], flush=True)
    sys.exit(4)
threading.Thread(target=listen_for_orders, daemon=True).start()
print("READY", flush=True)
loop.run()
