/** An address that may be a link: web pages only, whoever wrote the profile. */
export function safeUrl(url: string | undefined): string | undefined {
  return url && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) ? url : undefined;
}
