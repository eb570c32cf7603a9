import { queryOptions } from '@tanstack/react-query';
import { ApiError } from './api-error.js';
import { evidenceUrl } from './evidence.js';

/** The bytes of a file, once: each look is written in the audit trail. */
export const fetchEvidence = async (id: string, signal?: AbortSignal): Promise<Blob> => {
  const response = await fetch(evidenceUrl({ id }), { credentials: 'same-origin', ...(signal ? { signal } : {}) });
  if (!response.ok) {
    throw new ApiError({
      code: response.status === 403 ? 'forbidden' : 'not_found',
      message: 'evidence',
      status: response.status,
    });
  }
  return response.blob();
};

export const evidenceBytesQuery = (id: string) =>
  queryOptions({
    queryKey: ['evidence', 'bytes', id],
    queryFn: ({ signal }) => fetchEvidence(id, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 120_000,
    retry: false,
  });
