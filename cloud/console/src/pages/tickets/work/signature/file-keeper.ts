import { createContext } from 'react';
import { addTicketFile, fileUrl } from '../../../../api/tickets.js';

export interface NewPicture {
  readonly ticketId: string | undefined;
  readonly field: string;
  readonly name: string;
  readonly blob: Blob;
}

/** Where a picture that was just made goes, and where it is seen until the ticket has it. */
export interface FileKeeper {
  keep(picture: NewPicture): Promise<string>;
  /** Undefined: it is nowhere to be had. The caller revokes a `blob:` address. */
  urlOf(ticketId: string | undefined, id: string): Promise<string | undefined>;
}

/** At the desk it is sent at once. */
export const sendingKeeper: FileKeeper = {
  keep: async ({ ticketId, ...file }) => (await addTicketFile(ticketId, file)).id,
  urlOf: async (ticketId, id) => (ticketId === undefined ? undefined : fileUrl(ticketId, id)),
};

export const FileKeeperContext = createContext<FileKeeper>(sendingKeeper);
