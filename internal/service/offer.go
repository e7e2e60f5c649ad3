package service

import (
	"slices"

	"github.com/govalues/decimal"

	"luoshi.dev"
)

// GoalOffer is a ready goal set that a plan can take over: the heading, and the
// goals below it, to be given their targets afterwards.
type GoalOffer struct {
	Code    string         `json:"code"`
	Name    luoshi.Names   `json:"name"`
	Goals   []luoshi.Goal  `json:"goals"`   // that are lacking, the heading first
	Lacking []luoshi.Names `json:"lacking"` // their names
	All     int            `json:"all"`     // goals of the set with its heading
}

// goalSets are the sets that China's governments worked by in 2020: 六稳 of the
// Politburo of 2018-07-31, 六保 of 2020-04-17.
func goalSets() [][]luoshi.Goal {
	goal := func(code, parent string, order int, hans, hant, en string) luoshi.Goal {
		return luoshi.Goal{Code: code, Parent: parent, Order: order, Names: luoshi.Names{Hans: hans, Hant: hant, En: en}, Combine: luoshi.AllOf, Weight: decimal.One}
	}
	return [][]luoshi.Goal{
		{
			goal("six_stability", "", 1, "六稳", "六穩", "Six fields of stability"),
			goal("stable_employment", "six_stability", 1, "稳就业", "穩就業", "Stable employment"),
			goal("stable_finance", "six_stability", 2, "稳金融", "穩金融", "Stable finance"),
			goal("stable_trade", "six_stability", 3, "稳外贸", "穩外貿", "Stable foreign trade"),
			goal("stable_fdi", "six_stability", 4, "稳外资", "穩外資", "Stable foreign investment"),
			goal("stable_investment", "six_stability", 5, "稳投资", "穩投資", "Stable domestic investment"),
			goal("stable_expectations", "six_stability", 6, "稳预期", "穩預期", "Stable expectations"),
		},
		{
			goal("six_guarantees", "", 2, "六保", "六保", "Six guarantees"),
			goal("secure_jobs", "six_guarantees", 1, "保居民就业", "保居民就業", "Jobs"),
			goal("secure_livelihood", "six_guarantees", 2, "保基本民生", "保基本民生", "Basic living needs"),
			goal("secure_entities", "six_guarantees", 3, "保市场主体", "保市場主體", "Market entities"),
			goal("secure_food_energy", "six_guarantees", 4, "保粮食能源安全", "保糧食能源安全", "Food and energy security"),
			goal("secure_chains", "six_guarantees", 5, "保产业链供应链稳定", "保產業鏈供應鏈穩定", "Industrial and supply chains"),
			goal("secure_primary", "six_guarantees", 6, "保基层运转", "保基層運轉", "The functioning of primary-level government"),
		},
	}
}

// goalOffers are the ready sets of which something lacks here, with what lacks. A
// goal counts as there by its code or by its name.
func (sn *snapshot) goalOffers() []GoalOffer {
	var list []GoalOffer
	for _, set := range goalSets() {
		o := GoalOffer{Code: set[0].Code, Name: set[0].Names, All: len(set)}
		heading := set[0].Code
		for _, g := range set {
			i := slices.IndexFunc(sn.plan.goals, func(have luoshi.Goal) bool { return have.Code == g.Code || have.Names.Hans == g.Names.Hans })
			if i >= 0 {
				if g.Code == set[0].Code {
					heading = sn.plan.goals[i].Code
				}
				continue
			}
			if g.Parent != "" {
				g.Parent = heading
			}
			o.Goals = append(o.Goals, g)
			o.Lacking = append(o.Lacking, g.Names)
		}
		if len(o.Goals) > 0 {
			list = append(list, o)
		}
	}
	return list
}
