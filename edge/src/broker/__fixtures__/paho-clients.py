"""Paho's Python client against the unit's broker. Prints one line of TAP-like text for each check; exit status 0 means that it ran."""
import socket
import sys
import threading
import time

import paho.mqtt.client as paho

HOST, PORT = "127.0.0.1", int(sys.argv[1])
ONLY = sys.argv[2:]
DEADLINE = 30.0
checks = []


def check(function):
    checks.append(function)
    return function


class Peer:
    """One client whose callbacks can be waited for."""

    def __init__(self, client_id="", clean=True, user="site", password="pass", protocol=paho.MQTTv311, will=None, keepalive=30):
        self.lock = threading.Condition()
        self.messages, self.connack, self.closed, self.granted, self.unsubscribed = [], None, None, {}, set()
        five = protocol == paho.MQTTv5
        self.client = paho.Client(client_id, protocol=protocol, **({} if five else {"clean_session": clean}))
        self.client.username_pw_set(user, password)
        self.client.reconnect_delay_set(60, 120)
        if will:
            self.client.will_set(*will)
        self.client.on_connect = self._connected
        self.client.on_disconnect = self._gone
        self.client.on_message = lambda c, u, m: self._note(lambda: self.messages.append(m))
        self.client.on_subscribe = lambda c, u, mid, granted, *more: self._note(lambda: self.granted.__setitem__(mid, granted))
        self.client.on_unsubscribe = lambda c, u, mid, *more: self._note(lambda: self.unsubscribed.add(mid))
        self.client.connect(HOST, PORT, keepalive)
        self.client.loop_start()

    def _note(self, change):
        with self.lock:
            change()
            self.lock.notify_all()

    def _connected(self, client, data, flags, code, *more):
        self._note(lambda: setattr(self, "connack", (flags.get("session present"), getattr(code, "value", code))))

    def _gone(self, client, data, code, *more):
        self._note(lambda: setattr(self, "closed", getattr(code, "value", code)))

    def until(self, what, condition, seconds=DEADLINE):
        with self.lock:
            if not self.lock.wait_for(condition, seconds):
                raise AssertionError(f"never: {what}; messages {[(m.topic, m.payload, m.qos, m.retain) for m in self.messages]}")

    def up(self):
        self.until("CONNACK", lambda: self.connack is not None)
        return self

    def subscribe(self, *filters):
        _, mid = self.client.subscribe(list(filters))
        self.until("SUBACK", lambda: mid in self.granted)
        return list(self.granted[mid])

    def unsubscribe(self, topic):
        _, mid = self.client.unsubscribe(topic)
        self.until("UNSUBACK", lambda: mid in self.unsubscribed)

    def publish(self, topic, payload, qos=1, retain=False):
        info = self.client.publish(topic, payload, qos, retain)
        info.wait_for_publish(DEADLINE)
        assert info.is_published(), f"{topic} was not acknowledged"

    def wait(self, count):
        self.until(f"{count} messages", lambda: len(self.messages) >= count)
        return [(m.topic, m.payload.decode(), m.qos, bool(m.retain)) for m in self.messages]

    def end(self):
        self.client.disconnect()
        self.client.loop_stop()

    def cut(self):
        """As a power cut: no DISCONNECT."""
        self.client.loop_stop()
        self.client.socket().shutdown(socket.SHUT_RDWR)
        self.client.socket().close()


def same(actual, expected):
    assert actual == expected, f"{actual!r} is not {expected!r}"


@check
def every_qos_reaches_the_subscriber_as_it_was_published():
    hearer, sayer = Peer("hear").up(), Peer("say").up()
    same(hearer.subscribe(("site/qos/+", 2)), [2])
    for qos in (0, 1, 2):
        sayer.publish(f"site/qos/{qos}", f"m{qos}", qos)
    same(sorted(hearer.wait(3)), [(f"site/qos/{q}", f"m{q}", q, False) for q in (0, 1, 2)])
    hearer.end(), sayer.end()


@check
def nobody_gets_more_qos_than_granted():
    low, middle, sayer = Peer("low").up(), Peer("middle").up(), Peer("say2").up()
    same(low.subscribe(("site/down/#", 0)), [0])
    same(middle.subscribe(("site/down/#", 1)), [1])
    sayer.publish("site/down/x", "m", 2)
    same(low.wait(1)[0][2], 0)
    same(middle.wait(1)[0][2], 1)
    low.end(), middle.end(), sayer.end()


@check
def retained_messages_come_to_new_subscribers_and_can_be_cleared():
    sayer = Peer("say3").up()
    sayer.publish("site/kept/a", "old", 1, True)
    sayer.publish("site/kept/a", "new", 2, True)
    sayer.publish("site/kept/b", "b", 0, True)
    hearer = Peer("hear3").up()
    hearer.subscribe(("site/kept/+", 1))
    same(sorted((t, p, r) for t, p, _, r in hearer.wait(2)), [("site/kept/a", "new", True), ("site/kept/b", "b", True)])
    sayer.publish("site/kept/a", "live", 1, True)
    same(hearer.wait(3)[2][3], False)
    sayer.publish("site/kept/a", "", 1, True)
    sayer.publish("site/kept/b", "", 1, True)
    hearer.wait(5)
    later = Peer("later3").up()
    later.subscribe(("site/kept/+", 1))
    sayer.publish("site/kept/c", "mark", 1)
    same(later.wait(1), [("site/kept/c", "mark", 1, False)])
    sayer.end(), hearer.end(), later.end()


@check
def a_will_is_published_on_a_cut_and_not_on_a_goodbye():
    hearer = Peer("hear4").up()
    hearer.subscribe(("site/will/+", 2))
    Peer("polite", will=("site/will/polite", "gone", 1, False)).up().end()
    Peer("lost", will=("site/will/lost", "gone", 2, True)).up().cut()
    same(hearer.wait(1), [("site/will/lost", "gone", 2, False)])
    later = Peer("later4").up()
    later.subscribe(("site/will/lost", 1))
    same(later.wait(1)[0][3], True)
    later.publish("site/will/lost", "", 1, True)
    hearer.end(), later.end()


@check
def a_second_connection_with_the_same_id_takes_over():
    first = Peer("twin").up()
    second = Peer("twin").up()
    first.until("the first to be closed", lambda: first.closed is not None)
    second.subscribe(("site/twin", 1))
    second.publish("site/twin", "still here")
    second.wait(1)
    first.client.loop_stop(), second.end()


@check
def a_persistent_session_keeps_subscriptions_and_messages_and_a_clean_one_forgets():
    away = Peer("away", clean=False).up()
    same(away.connack, (0, 0))
    away.subscribe(("site/away/#", 2))
    away.end()
    sayer = Peer("say5").up()
    for number in range(20):
        sayer.publish("site/away/x", str(number), 1 + number % 2)
    sayer.publish("site/away/x", "not kept", 0)
    back = Peer("away", clean=False).up()
    same(back.connack, (1, 0))
    got = back.wait(20)
    # The order holds within a QoS: a QoS 2 message is told when its handshake is over.
    for qos in (1, 2):
        same([p for _, p, q, _ in got if q == qos], [str(number) for number in range(20) if 1 + number % 2 == qos])
    sayer.publish("site/away/x", "after", 1)
    same(back.wait(21)[20][1], "after")
    back.end()
    clean = Peer("away", clean=True).up()
    same(clean.connack, (0, 0))
    clean.end()
    again = Peer("away", clean=False).up()
    same(again.connack, (0, 0))
    sayer.publish("site/away/x", "nobody", 1)
    again.subscribe(("site/mark", 1))
    sayer.publish("site/mark", "mark", 1)
    same([p for _, p, _, _ in again.wait(1)], ["mark"])
    again.unsubscribe("site/mark")
    again.end(), sayer.end()


@check
def overlapping_subscriptions_deliver_within_their_qos():
    hearer, sayer = Peer("hear6").up(), Peer("say6").up()
    hearer.subscribe(("site/over/#", 2), ("site/over/+", 1))
    sayer.publish("site/over/x", "m", 2)
    hearer.wait(1)
    sayer.publish("site/over/end", "end", 2)
    hearer.until("the end", lambda: any(m.payload == b"end" for m in hearer.messages))
    qos = sorted(m.qos for m in hearer.messages if m.payload == b"m")
    assert qos in ([2], [1, 2]), f"delivered with {qos}"
    hearer.end(), sayer.end()


@check
def order_holds():
    hearer, sayer = Peer("hear7").up(), Peer("say7").up()
    hearer.subscribe(("site/order", 2))
    sayer.client.max_inflight_messages_set(100)
    infos = [sayer.client.publish("site/order", str(number), 2) for number in range(300)]
    infos[-1].wait_for_publish(DEADLINE)
    same([p for _, p, _, _ in hearer.wait(300)], [str(number) for number in range(300)])
    hearer.end(), sayer.end()


@check
def unsubscribed_topics_are_silent():
    hearer, sayer = Peer("hear8").up(), Peer("say8").up()
    hearer.subscribe(("site/un/a", 1), ("site/un/b", 1))
    hearer.unsubscribe("site/un/a")
    sayer.publish("site/un/a", "a")
    sayer.publish("site/un/b", "b")
    same([p for _, p, _, _ in hearer.wait(1)], ["b"])
    hearer.end(), sayer.end()


@check
def a_client_that_stops_pinging_is_put_out_and_its_will_is_told():
    hearer = Peer("hear9").up()
    hearer.subscribe(("site/silent", 1))
    started = time.monotonic()
    silent = Peer("silent", will=("site/silent", "gone", 1, False), keepalive=1).up()
    silent.client.loop_stop()
    same(hearer.wait(1), [("site/silent", "gone", 1, False)])
    took = time.monotonic() - started
    assert took > 1.4, f"after {took:.1f} s"
    hearer.end()


@check
def a_client_that_pings_stays():
    # Who says nothing for 9 s is put out; it was begun before all checks.
    time.sleep(max(0, begun + 10 - time.monotonic()))
    assert calm.closed is None
    calm.publish("site/calm", "x")
    calm.end()


@check
def filters_without_a_right_and_shared_ones_are_refused_in_the_suback():
    peer = Peer("rights").up()
    filters = [("hh/1/d/+/telemetry", 1), ("#", 1), ("$SYS/#", 0), ("$share/g/site/x", 1), ("site/mine", 1)]
    same(peer.subscribe(*filters), [128, 128, 128, 128, 1])
    peer.end()


@check
def a_publish_without_a_right_ends_the_connection():
    peer = Peer("sly").up()
    peer.client.publish("elsewhere/x", "x", 1)
    peer.until("the end", lambda: peer.closed is not None)
    peer.client.loop_stop()


@check
def wrong_passwords_and_users_are_refused_with_their_code():
    for login in ({"password": "wrong"}, {"user": "nobody"}):
        peer = Peer("wrong", **login)
        peer.until("CONNACK", lambda: peer.connack is not None)
        same(peer.connack[1], 4)
        peer.client.loop_stop()


@check
def mqtt_5_is_refused_in_words_that_its_client_understands():
    peer = Peer("five", protocol=paho.MQTTv5)
    peer.until("CONNACK", lambda: peer.connack is not None)
    same(peer.connack[1], 132)
    peer.client.loop_stop()


@check
def an_empty_client_id_with_a_clean_session_is_fine():
    Peer("").up().end()


@check
def mqtt_3_1_still_works():
    old = Peer("old", protocol=paho.MQTTv31).up()
    old.subscribe(("site/old", 1))
    old.publish("site/old", "x")
    old.wait(1)
    old.end()


@check
def large_payloads_pass_and_larger_ones_end_the_connection():
    peer = Peer("large").up()
    peer.subscribe(("site/large", 1))
    peer.publish("site/large", "x" * 262_144)
    same(len(peer.wait(1)[0][1]), 262_144)
    peer.client.publish("site/large", "x" * 300_000, 1)
    peer.until("the end", lambda: peer.closed is not None)
    peer.client.loop_stop()


@check
def chinese_topics_and_payloads():
    peer = Peer("中文".encode().hex()).up()
    peer.subscribe(("site/大厅/+", 1))
    peer.publish("site/大厅/窗口", "办理中")
    same(peer.wait(1), [("site/大厅/窗口", "办理中", 1, False)])
    peer.end()


calm, begun = Peer("calm", keepalive=6).up(), time.monotonic()
for one in checks:
    name = one.__name__.replace("_", " ")
    if ONLY and not any(word in name for word in ONLY):
        continue
    try:
        one()
        print(f"ok - {name}", flush=True)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the result
        print(f"not ok - {name}: {type(error).__name__} {error}", flush=True)
