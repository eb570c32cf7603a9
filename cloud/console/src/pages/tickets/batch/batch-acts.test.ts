import { ticketCommandSchema } from '@hallhub/shared/ticket';
import t from 'tap';
import { batchActs, batchCommand, fitsBatch, isBatchReady } from './batch-acts.js';

const id = '00000000-0000-7000-8000-000000000001';
const myTask = { id, state: 'open', purpose: 'handle' } as const;

t.test('what is offered for which, and every command is one', async (t) => {
  t.ok(fitsBatch('sign', { status: 'running', myTask }));
  t.notOk(fitsBatch('sign', { status: 'running', myTask: { ...myTask, state: 'signed' } }));
  t.notOk(fitsBatch('transfer', { status: 'running', myTask: null }));
  t.ok(fitsBatch('remind', { status: 'running', myTask: null }));
  t.notOk(fitsBatch('remind', { status: 'ended', myTask: null }));
  const input = { opinion: '请加快', to: { kind: 'office', id } as const };
  for (const act of batchActs) {
    t.ok(isBatchReady(act, input));
    t.ok(ticketCommandSchema.safeParse(batchCommand(act, { myTask }, input)).success, act);
  }
  t.notOk(isBatchReady('supervise', { opinion: ' ', to: undefined }));
});
