package loyalty

// Shares is what is known of a customer's share of wallet: what it bought in the recent months and in those they are held
// against, and what it could have bought in each.
type Shares struct {
	Rhythm           // the months and the purchases in them
	Bought   float64 // what it bought in those before; with a season, in the same months of the year before
	Volume   float64 // what it bought in all the months of the past
	Volumes  float64 // sum over those months of what was bought × what was bought
	Lately   float64 // what it bought in the recent months
	Could    float64 // what it could have bought before, by the potentials then in force, in a month
	CouldNow float64 // what it could have bought in the recent time, in a month
}

// Chance is how likely it is that a customer whose share did not fall bought so little. What it buys is counted in its
// typical purchases, of which every stretch of time holds as many as it could buy: so what was bought recently of all is held
// against the recent part of all it could have bought, by the tail that rhythm uses. A month's volume scatters by how many
// purchases it holds and by how large they are; the dispersion is that of the volumes. A potential is taken as it was stated.
func (s Shares) Chance() float64 {
	months := s.Months
	if s.Season {
		months = s.Last
	}
	if s.Past == 0 || s.Volume <= 0 || s.Bought <= 0 || s.Could <= 0 || s.CouldNow <= 0 {
		return 1
	}
	before, now := s.Could*float64(months), s.CouldNow*float64(s.Last)
	typical := s.Volume / float64(s.Past)
	return shortfall(s.Bought/typical, s.Lately/typical, now/(before+now), s.dispersion(typical))
}

// dispersion is that of the months' volumes, counted in typical purchases.
func (s Shares) dispersion(typical float64) float64 {
	if s.Months < 2 {
		return 1
	}
	months, known := float64(s.Months), float64(s.Months-1)
	return widened((s.Volumes-s.Volume*s.Volume/months)/known/(s.Volume/months)/typical, known)
}
