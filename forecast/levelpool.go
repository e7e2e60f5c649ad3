package forecast

// levelPools are the constants of the spread of a level, fitted by TestLearnLevel to
// 1,101 series: of a level, of its growth, of its growth of the year to date.
var levelPools = [natures]levelPool{
	{spread: [levelShapes]float64{-0.1922, 0.3537, 0.6081, -0.0635, 0.0372, 0.1917}, nu: 4.761},
	{spread: [levelShapes]float64{-0.2548, 0.2886, 0.5047, -0.1009, -0.0560, 0.5664}, nu: 3.905},
	{spread: [levelShapes]float64{-1.2688, -0.3622, 0.8151, 0.4293, -0.0281, 0.9230}, nu: 4.298},
}
