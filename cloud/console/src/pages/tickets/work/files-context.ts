import { createContext, type FunctionComponent } from 'react';
import type { FilesFieldProps } from './FilesField.js';

/** Another way of taking files, for a form of field staff. */
export const FilesContext = createContext<FunctionComponent<FilesFieldProps> | null>(null);
