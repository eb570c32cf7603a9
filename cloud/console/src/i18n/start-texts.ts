/** Asks for the stored language's texts before the program that shows them has arrived. */
export function startTexts(): Promise<unknown> {
  return localStorage.getItem('hallhub.language') === 'en' ? import('./en/index.js') : import('./zh/index.js');
}
