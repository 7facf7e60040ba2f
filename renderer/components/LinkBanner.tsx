import { useAppState } from '../state/services.ts';

export function LinkBanner() {
  const link = useAppState((state) => state.link);
  return (
    <div className="banner-place" role="status">
      {link === 'lost' && (
        <p className="banner">
          <strong>Connection to the app lost, reconnecting.</strong>{' '}
          <span className="dim">If the app was restarted, open the address that it printed.</span>
        </p>
      )}
    </div>
  );
}
