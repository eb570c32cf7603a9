"""A slave with unit id 1 by pymodbus: tcp PORT | rtu-tcp PORT | rtu PATH. Says "ready" once it serves."""
import asyncio
import os
import sys
import types

import serial


class SerialTransport(asyncio.Transport):
    """What pyserial-asyncio would be: the tests need pymodbus and pyserial alone."""

    def __init__(self, loop, protocol, port):
        super().__init__()
        self.loop, self.protocol, self.serial = loop, protocol, port
        loop.call_soon(protocol.connection_made, self)
        loop.call_soon(loop.add_reader, port.fileno(), self.take)

    def take(self):
        try:
            data = os.read(self.serial.fileno(), 1024)
        except OSError:
            data = b""
        if data:
            self.protocol.data_received(data)
        else:
            os._exit(0)

    def write(self, data):
        os.write(self.serial.fileno(), data)

    def is_closing(self):
        return False

    def close(self):
        os._exit(0)

    abort = close


async def create_serial_connection(loop, factory, path, **settings):
    protocol = factory()
    return SerialTransport(loop, protocol, serial.Serial(path, **{**settings, "timeout": 0})), protocol


stand_in = types.ModuleType("serial_asyncio")
stand_in.create_serial_connection = create_serial_connection
sys.modules["serial_asyncio"] = stand_in

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext  # noqa: E402
from pymodbus.device import ModbusDeviceIdentification  # noqa: E402
from pymodbus.server.async_io import ModbusSerialServer, ModbusTcpServer  # noqa: E402
from pymodbus.transaction import ModbusRtuFramer, ModbusSocketFramer  # noqa: E402

registers = [0] * 600
registers[0:4] = [4711, 235, 0x4148, 0]
registers[500] = 77
slave = ModbusSlaveContext(
    di=ModbusSequentialDataBlock(0, [1] * 64),
    co=ModbusSequentialDataBlock(0, [0] * 64),
    hr=ModbusSequentialDataBlock(0, registers),
    ir=ModbusSequentialDataBlock(0, list(range(600))),
    zero_mode=True,
)
identity = ModbusDeviceIdentification(
    info_name={"VendorName": "Acme", "ProductCode": "P1", "MajorMinorRevision": "3.0", "ModelName": "Probe"}
)


async def serve():
    kind, where = sys.argv[1:3]
    context = ModbusServerContext(slaves={1: slave}, single=False)
    if kind == "rtu":
        server = ModbusSerialServer(context, framer=ModbusRtuFramer, identity=identity, port=where, baudrate=19200)
        await server.start()
    else:
        framer = ModbusSocketFramer if kind == "tcp" else ModbusRtuFramer
        address = ("127.0.0.1", int(where))
        server = ModbusTcpServer(context, framer=framer, identity=identity, address=address, allow_reuse_address=True)
    serving = asyncio.create_task(server.serve_forever())
    if kind != "rtu":
        await server.serving
    print("ready", flush=True)
    await serving


asyncio.run(serve())
