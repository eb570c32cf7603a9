import { useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { useEffect, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { importBundle } from '../../../api/bundles.js';
import { useMe } from '../../../app/session.js';
import { type UploadJob, UploadQueue } from './upload-queue.js';

/** One for the whole console: an upload outlives the page that began it. */
const queue = new UploadQueue(importBundle);

const warnOfLeaving = (event: BeforeUnloadEvent) => event.preventDefault();
queue.subscribe(() => {
  if (queue.isBusy) window.addEventListener('beforeunload', warnOfLeaving);
  else window.removeEventListener('beforeunload', warnOfLeaving);
});

/** This person's uploads; the end of each is told on whatever page is open then. */
export function useBundleUploads(onDone?: (job: UploadJob) => void) {
  const { t } = useTranslation('bundles');
  const { message } = App.useApp();
  const client = useQueryClient();
  const owner = useMe().user.id;
  const jobs = useSyncExternalStore(queue.subscribe, () => queue.jobs);
  // Who looks at the page now; nobody once it is left.
  useEffect(() => {
    doneListener = onDone;
    return () => {
      doneListener = undefined;
    };
  }, [onDone]);
  const settled = (job: UploadJob) => {
    if (job.bundle) {
      const said = t(job.bundle.complete ? 'done' : 'donePartly', { unit: job.bundle.unitName });
      void (job.bundle.complete ? message.success(said) : message.warning(said));
      void client.invalidateQueries({ queryKey: ['bundles'] });
      void client.invalidateQueries({ queryKey: ['evidence'] });
    } else void message.error(t('failed', { name: job.name }));
    doneListener?.(job);
  };
  return {
    jobs: jobs.filter((job) => job.owner === owner),
    add: (files: readonly File[]) => void queue.add(files, { owner, settled }),
    retry: (id: number) => queue.retry(id),
    remove: (id: number) => queue.remove(id),
  };
}

let doneListener: ((job: UploadJob) => void) | undefined;
