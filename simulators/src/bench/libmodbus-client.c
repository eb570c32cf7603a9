/* The bench's blocks read by libmodbus: port, unit id, milliseconds, then "table address count points" for each block.
   Prints "points seconds cpuSeconds". */
#include <modbus/modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

struct block {
  char table;
  int address, count, points;
};

static double now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec + at.tv_nsec / 1e9;
}

static double cpu(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static int read_block(modbus_t *client, const struct block *block, volatile float *sink) {
  static uint16_t words[128];
  static uint8_t bits[2048];
  if (block->table == 'c') return modbus_read_bits(client, block->address, block->count, bits);
  if (block->table == 'h') return modbus_read_registers(client, block->address, block->count, words);
  int got = modbus_read_input_registers(client, block->address, block->count, words);
  for (int i = 0; got >= 0 && i < block->points; i++) *sink = modbus_get_float_abcd(words + 2 * i);
  return got;
}

int main(int argc, char **argv) {
  if (argc < 8 || (argc - 4) % 4 != 0) return 2;
  modbus_t *client = modbus_new_tcp("127.0.0.1", atoi(argv[1]));
  if (!client || modbus_set_slave(client, atoi(argv[2])) || modbus_connect(client)) return 1;
  struct block blocks[16];
  int n = 0;
  for (int at = 4; at + 3 < argc && n < 16; at += 4, n++)
    blocks[n] = (struct block){argv[at][0], atoi(argv[at + 1]), atoi(argv[at + 2]), atoi(argv[at + 3])};
  volatile float sink = 0;
  long points = 0;
  double began = now(), cpu0 = cpu(), until = began + atoi(argv[3]) / 1e3;
  while (now() < until)
    for (int i = 0; i < n; i++) {
      if (read_block(client, &blocks[i], &sink) < 0) return 1;
      points += blocks[i].points;
    }
  printf("%ld %f %f\n", points, now() - began, cpu() - cpu0);
  modbus_close(client);
  modbus_free(client);
  return 0;
}
