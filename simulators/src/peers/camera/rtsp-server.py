"""Serves moving test pictures with sound over RTSP on loopback: H.264 and G.711A, over TCP and UDP.

Usage: rtsp-server.py PORT. Prints READY when it listens; ends when its standard input closes. On standard input, a JSON
object a line: {"mount": "/path", "user": "…", "password": "…", "live": false} or {"unmount": "/path"}; answers OK /path.
Pictures are encoded once, at the start, and sent again and again; with "live" a mount encodes its own as it goes.
"""
import json
import os
import sys
import threading

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
SOUND = "wave=ticks ! audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay name=pay1 pt=8"

missing = [
    name
    for name in ("videotestsrc", "x264enc", "h264parse", "rtph264pay", "appsrc", "appsink", "audiotestsrc", "alawenc", "rtppcmapay")
    if Gst.ElementFactory.find(name) is None
]
if missing:
    print("MISSING " + " ".join(missing), flush=True)
    sys.exit(3)

FRAME_NS = Gst.SECOND // RATE


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


CLIP = (
    f"( appsrc name=pictures format=time is-live=true max-bytes=40000 caps=video/x-h264,stream-format=byte-stream,alignment=au,framerate={RATE}/1 "
    "! h264parse ! rtph264pay name=pay0 pt=96 config-interval=1 "
    f"audiotestsrc is-live=true {SOUND} )"
)
LIVE = (
    f"( videotestsrc is-live=true pattern=ball ! {PICTURE} ! {ENCODE} "
    "! video/x-h264,profile=baseline ! rtph264pay name=pay0 pt=96 config-interval=1 "
    f"audiotestsrc is-live=true {SOUND} )"
)

server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(sys.argv[1])
auth = GstRtspServer.RTSPAuth()
auth.set_supported_methods(2)
roles = {}


def feed(_factory, media):
    """The clip again and again, each picture at its time; the sinks keep the pace."""
    source = media.get_element().get_by_name_recurse_up("pictures")
    count = 0

    def push(_source, _length):
        nonlocal count
        buffer = Gst.Buffer.new_wrapped(clip[count % len(clip)])
        buffer.pts = buffer.dts = count * FRAME_NS
        buffer.duration = FRAME_NS
        count += 1
        source.emit("push-buffer", buffer)

    source.connect("need-data", push)


def mount(order):
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(LIVE if order.get("live") else CLIP)
    factory.set_shared(True)
    if not order.get("live"):
        factory.connect("media-configure", feed)
    if order.get("user"):
        # From the first account on, the server asks everybody to sign in.
        server.set_auth(auth)
        role = roles.setdefault(order["user"], f"viewer{len(roles)}")
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", role)
        auth.add_digest(order["user"], order["password"], token)
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_role(role)
        permissions.add_permission_for_role(role, "media.factory.access", True)
        permissions.add_permission_for_role(role, "media.factory.construct", True)
        factory.set_permissions(permissions)
    server.get_mount_points().add_factory(order["mount"], factory)


def obey(line):
    order = json.loads(line)
    if "mount" in order:
        mount(order)
    elif "unmount" in order:
        server.get_mount_points().remove_factory(order["unmount"])
    print("OK " + order.get("mount", order.get("unmount", "")), flush=True)
    return False


def listen_for_orders():
    for line in sys.stdin:
        GLib.idle_add(obey, line)
    GLib.idle_add(loop.quit)


loop = GLib.MainLoop()
clip = encode_clip()
if not clip:
    print("MISSING an H.264 encoder that works", flush=True)
    sys.exit(3)
if server.attach(None) == 0:
    print("BUSY " + sys.argv[1], flush=True)
    sys.exit(4)
threading.Thread(target=listen_for_orders, daemon=True).start()
print("READY", flush=True)
loop.run()
