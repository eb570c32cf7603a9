import { InvalidArgumentError } from 'commander';

/** Reads an option that is a whole number of one or more; anything else is wrong usage. */
export const wholeNumber = (text: string): number => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('It has to be a whole number from 1.');
  return value;
};
