import type { KindFaults } from './kind-fault.js';

/** What a notice’s text may name besides the fields. */
export const noticeNames = ['number', 'title', 'state', 'step', 'due', 'link'] as const;

/** Notices that would never go out, to nobody, or say what is nobody’s business. */
export const lintNotices = (faults: KindFaults): void => {
  const { kind } = faults;
  const actions = new Set(kind.steps.flatMap((step) => step.actions.map(({ id }) => id)));
  const fields = new Map(kind.fields.map((field) => [field.key, field]));
  for (const { id, on, to, text } of kind.notices) {
    const path = `notices.${id}`;
    if (on.on === 'entered') faults.step(path, on.step);
    if (on.on === 'action' && !actions.has(on.action)) faults.add('unknown_action', path, on.action);
    const clock = on.on === 'warning' || on.on === 'breach' ? on.clock : undefined;
    if (clock !== undefined && !kind.clocks.some((one) => one.id === clock)) faults.add('unknown_clock', path, clock);
    for (const party of to) {
      if (party.kind === 'holders') continue;
      if (party.kind !== 'requester') {
        faults.party(path, party);
        continue;
      }
      const type = fields.get(party.field)?.type;
      if (!type) faults.field(path, party.field);
      else if (type !== 'phone' && type !== 'text') faults.add('no_address', path, party.field);
    }
    lintText(faults, `${path}.text`, `${text.zh} ${text.en ?? ''}`);
  }
};

const lintText = (faults: KindFaults, path: string, text: string): void => {
  for (const [, name = ''] of text.matchAll(/\{([^{}]*)\}/g)) {
    if ((noticeNames as readonly string[]).includes(name)) continue;
    const field = faults.kind.fields.find(({ key }) => key === name);
    if (!field) faults.add('placeholder_unknown', path, name);
    else if (field.personal) faults.add('placeholder_personal', path, name);
  }
};
