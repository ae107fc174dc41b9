package rest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/postern/api"
	"example.com/postern/domain"
)

// GetHealth implements GET /healthz.
func (s *server) GetHealth(context.Context, *requestState, api.GetHealthRequestObject) (api.GetHealthResponseObject, error) {
	return api.GetHealth200JSONResponse{Body: api.Health{Status: api.HealthStatusOk}}, nil
}

// readinessTimeout limits how long the store may take to answer. A probe thus notices a lost store within 2 s.
const readinessTimeout = time.Second

// GetReadiness implements GET /readyz.
func (s *server) GetReadiness(
	ctx context.Context, state *requestState, _ api.GetReadinessRequestObject,
) (api.GetReadinessResponseObject, error) {
	ctx, cancel := context.WithTimeout(ctx, readinessTimeout)
	defer cancel()
	if err := s.Ready(ctx); errors.Is(err, domain.ErrBusy) {
		return nil, err
	} else if err != nil {
		return nil, fmt.Errorf("%w: %w", domain.ErrStoreUnavailable, err)
	}
	return api.GetReadiness200JSONResponse{Body: api.Health{Status: api.HealthStatusOk}}, nil
}
