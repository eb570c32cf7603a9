const keptMs = 10 * 60_000;

let typed: string | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

/**
 * The one-time password that opened this session, so that choosing one's own does not ask for it again. Kept in this
 * page's memory alone, for minutes: the server checks it as ever, and a page loaded anew asks.
 */
export const keepTyped = (password: string): void => {
  forgetTyped();
  typed = password;
  timer = setTimeout(forgetTyped, keptMs);
};

export const typedPassword = (): string | undefined => typed;

export function forgetTyped(): void {
  clearTimeout(timer);
  typed = undefined;
}
