/* A slave with unit id 1 by libmodbus: tcp PORT | rtu PATH. Says "ready" once it serves. */
#include <errno.h>
#include <modbus/modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void serve(modbus_t *bus, modbus_mapping_t *tables) {
  uint8_t request[MODBUS_TCP_MAX_ADU_LENGTH];
  for (;;) {
    int length = modbus_receive(bus, request);
    if (length > 0 && modbus_reply(bus, request, length, tables) == -1) return;
    /* Rubbish and requests to others are passed over; a lost link is not. */
    if (length == -1 && (errno == ECONNRESET || errno == EIO || errno == EBADF)) return;
  }
}

int main(int count, char **arguments) {
  if (count != 3) return 2;
  int tcp = strcmp(arguments[1], "tcp") == 0;
  modbus_t *bus = tcp ? modbus_new_tcp("127.0.0.1", atoi(arguments[2])) : modbus_new_rtu(arguments[2], 19200, 'N', 8, 1);
  modbus_mapping_t *tables = modbus_mapping_new(64, 64, 600, 600);
  if (!bus || !tables || modbus_set_slave(bus, 1) == -1) return 1;
  uint16_t first[] = {4711, 235, 0x4148, 0};
  memcpy(tables->tab_registers, first, sizeof first);
  tables->tab_registers[500] = 77;
  for (int i = 0; i < 600; i++) tables->tab_input_registers[i] = i;
  memset(tables->tab_input_bits, 1, 64);
  if (!tcp) {
    if (modbus_connect(bus) == -1) return 1;
    puts("ready");
    fflush(stdout);
    serve(bus, tables);
    return 0;
  }
  int listening = modbus_tcp_listen(bus, 4);
  if (listening == -1) return 1;
  puts("ready");
  fflush(stdout);
  while (modbus_tcp_accept(bus, &listening) != -1) {
    serve(bus, tables);
    close(modbus_get_socket(bus));
  }
  return 0;
}
