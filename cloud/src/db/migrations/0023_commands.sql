CREATE TABLE commands (
  id              uuid PRIMARY KEY,
  tenant_id       uuid NOT NULL,
  unit_id         uuid NOT NULL,
  hall_id         uuid NOT NULL,
  device_id       uuid,
  name            text NOT NULL,
  input           jsonb NOT NULL,
  state           text NOT NULL DEFAULT 'queued' CHECK (state IN
    ('queued', 'sent', 'received', 'running', 'succeeded', 'failed', 'expired', 'cancelled', 'unknown')),
  -- `unknown` only because nothing was heard in time: the unit's rows may still tell the truth.
  provisional     boolean NOT NULL DEFAULT false,
  cancel_asked_at timestamptz(3),
  output          jsonb,
  error           jsonb,
  issued_by       uuid,
  issued_by_name  text NOT NULL,
  issued_at       timestamptz(3) NOT NULL,
  deadline_at     timestamptz(3) NOT NULL,
  finished_at     timestamptz(3),
  sent_count      integer NOT NULL DEFAULT 0,
  next_send_at    timestamptz(3),
  version         integer NOT NULL DEFAULT 1,
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, id),
  FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id)
) WITH (fillfactor = 80);
CREATE INDEX commands_to_send ON commands (next_send_at) WHERE next_send_at IS NOT NULL;
CREATE INDEX commands_unfinished ON commands (deadline_at) WHERE state IN ('queued', 'sent', 'received', 'running');
CREATE INDEX commands_by_device ON commands (tenant_id, device_id, issued_at DESC, id DESC);
CREATE INDEX commands_by_unit ON commands (tenant_id, unit_id, issued_at DESC, id DESC);
CREATE INDEX commands_by_time ON commands (tenant_id, issued_at DESC, id DESC);
CALL isolate_tenant('commands');

CREATE TABLE command_steps (
  tenant_id   uuid NOT NULL,
  command_id  uuid NOT NULL,
  id          uuid NOT NULL,
  state       text NOT NULL,
  provisional boolean NOT NULL DEFAULT false,
  source      text NOT NULL CHECK (source IN ('cloud', 'unit')),
  at          timestamptz(3) NOT NULL,
  received_at timestamptz(3) NOT NULL,
  -- False: a step that came too late to change anything; kept because it happened.
  applied     boolean NOT NULL DEFAULT true,
  PRIMARY KEY (tenant_id, command_id, id),
  FOREIGN KEY (tenant_id, command_id) REFERENCES commands (tenant_id, id)
);
CALL isolate_tenant('command_steps');
