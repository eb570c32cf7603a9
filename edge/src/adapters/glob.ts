/** True where the text fits a pattern in which * stands for anything; letters compare without case. */
export const fitsGlob = (glob: string, text: string): boolean => {
  const pattern = glob.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\/]/g, '\\$&'));
  return new RegExp(`^${pattern.join('.*')}$`, 'isu').test(text);
};
