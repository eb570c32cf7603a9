/** What the pages for field staff keep of the API, to open without a line; see `public/field-worker.js`. */
const prefix = 'hallhub-field-data';

/** When a person leaves, nothing that they read is left on the device. */
export const forgetFieldData = async (): Promise<void> => {
  if (!('caches' in window)) return;
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(prefix)).map((name) => caches.delete(name)));
};
