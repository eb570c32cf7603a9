const alone = /^(?:--import=|--conditions=|-C=|--enable-source-maps$)/;
const withValue = /^(?:--import|--conditions|-C)$/;

/** Of node's own arguments those that load the source, in development: for a process that this one starts. A debugger, above all, is not handed on. */
export const loaderArguments = (all: readonly string[]): string[] =>
  all.flatMap((argument, i) => {
    const value = all[i + 1];
    if (withValue.test(argument)) return value === undefined ? [] : [argument, value];
    return alone.test(argument) && !withValue.test(all[i - 1] ?? '') ? [argument] : [];
  });
