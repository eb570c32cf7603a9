/** For tests: under which rows lie sealed, in the process of the test and in those that it kills. */
export const importSecret = 'import-secret-of-32-characters-or-more';
