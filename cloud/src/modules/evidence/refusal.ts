/** What the tus server takes for a refusal, and answers with. */
export const refusal = (status_code: number, body: string): Error & { readonly status_code: number } =>
  Object.assign(new Error(body), { status_code, body: `${body}\n` });
