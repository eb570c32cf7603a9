/** Words of a running line, at the head of a column. */
export const asHeading = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
