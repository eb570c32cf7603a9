import { get } from './request.js';

/** Why an export would be refused now; null: it would begin. */
export const askExportWait = (): Promise<'own' | 'others' | null> =>
  get<{ waitsFor: 'own' | 'others' | null }>('/me/export-wait').then(({ waitsFor }) => waitsFor);
