import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { isApiError } from '../../../api/api-error.js';
import { type CameraDocument, type CameraSetUp, cameraQuery, saveCamera } from '../../../api/vision.js';
import { changeDraft, draftOf, redoDraft, undoDraft } from './draft-history.js';

/**
 * What a person makes of a camera’s set-up until it is saved. Another’s save meanwhile is taken over where nothing was changed here; else it is a
 * conflict, and the person says which holds.
 */
export function useCameraDraft(camera: CameraSetUp, onSaved: () => void) {
  const client = useQueryClient();
  const [base, setBase] = useState(camera);
  const [history, setHistory] = useState(() => draftOf(camera.document));
  const draft = history.now;
  const isChanged = draft !== base.document;
  const hasConflict = camera.version !== base.version && isChanged;
  if (camera.version !== base.version && !isChanged) {
    setBase(camera);
    setHistory(draftOf(camera.document));
  }
  const save = useMutation({
    mutationFn: async () => ({
      sent: draft,
      saved: await saveCamera({ deviceId: base.deviceId, version: base.version }, draft),
    }),
    onSuccess: ({ sent, saved }) => {
      setBase(saved);
      // What was changed while it was on its way stays, for the next save.
      setHistory((was) => (was.now === sent ? { ...was, now: saved.document } : was));
      client.setQueryData(cameraQuery(camera.deviceId).queryKey, saved);
      void client.invalidateQueries({ queryKey: ['vision', 'list'] });
      void client.invalidateQueries({ queryKey: ['vision', 'places'] });
      onSaved();
    },
    onError: (error) => {
      if (isApiError(error, 'precondition_failed'))
        void client.invalidateQueries({ queryKey: cameraQuery(camera.deviceId).queryKey });
    },
  });
  return {
    draft,
    isChanged,
    hasConflict,
    save,
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    change: (part: Partial<CameraDocument>, tag?: string) =>
      setHistory((was) => changeDraft(was, { ...was.now, ...part }, tag)),
    edit: (make: (was: CameraDocument) => CameraDocument, tag?: string) =>
      setHistory((was) => changeDraft(was, make(was.now), tag)),
    undo: () => setHistory(undoDraft),
    redo: () => setHistory(redoDraft),
    discard: () => setHistory((was) => changeDraft(was, base.document)),
    /** Theirs, and what was made here goes. */
    takeTheirs: () => {
      setBase(camera);
      setHistory(draftOf(camera.document));
      save.reset();
    },
    /** The next save overwrites theirs. */
    keepMine: () => {
      setBase({ ...camera });
      save.reset();
    },
  };
}
