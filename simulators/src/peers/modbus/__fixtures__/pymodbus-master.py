"""Asks a slave with unit id 1 everything that pymodbus can ask, and prints the answers as JSON: tcp PORT | rtu PATH."""
import json
import sys
import types

# Only its asynchronous clients need pyserial-asyncio; the import alone must not fail.
stand_in = types.ModuleType("serial_asyncio")
stand_in.create_serial_connection = None
sys.modules.setdefault("serial_asyncio", stand_in)

from pymodbus.client import ModbusSerialClient, ModbusTcpClient  # noqa: E402
from pymodbus.mei_message import ReadDeviceInformationRequest  # noqa: E402

kind, where = sys.argv[1:3]
if kind == "tcp":
    client = ModbusTcpClient("127.0.0.1", port=int(where), timeout=60)
else:
    client = ModbusSerialClient(where, baudrate=19200, timeout=60)
if not client.connect():
    sys.exit("no connection")


def told(answer):
    if not hasattr(answer, "isError"):
        return str(answer)
    if answer.isError():
        return {"exception": getattr(answer, "exception_code", None), "error": str(answer)}
    for name in ("registers", "bits"):
        values = getattr(answer, name, None)
        if values:
            return values
    return "ok"


asked = {
    "coils": client.read_coils(0, 10, slave=1),
    "discretes": client.read_discrete_inputs(0, 8, slave=1),
    "holding": client.read_holding_registers(10, 3, slave=1),
    "input": client.read_input_registers(0, 2, slave=1),
    "writeCoil": client.write_coil(1, True, slave=1),
    "writeRegister": client.write_register(11, 0x1234, slave=1),
    "writeCoils": client.write_coils(2, [True, False, True], slave=1),
    "writeRegisters": client.write_registers(12, [5, 6], slave=1),
    "mask": client.mask_write_register(address=11, and_mask=0x00FF, or_mask=0xAB00, unit=1, slave=1),
    "exchange": client.readwrite_registers(
        read_address=10, read_count=4, write_address=10, write_registers=[77], unit=1, slave=1
    ),
    "after": client.read_coils(0, 8, slave=1),
    "lacking": client.read_holding_registers(9000, 1, slave=1),
    "tooMany": client.read_holding_registers(10, 126, slave=1),
    "unknown": client.read_exception_status(slave=1),
}
results = {name: told(answer) for name, answer in asked.items()}
identity = client.execute(ReadDeviceInformationRequest(read_code=1, object_id=0, unit=1, slave=1))
results["identity"] = {number: text.decode() for number, text in identity.information.items()}
client.close()
print(json.dumps(results))
