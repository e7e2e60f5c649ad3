# Writes lead.csv: sales with a leading indicator (series M of Box and Jenkins), as R ships them. Rscript lead.R > lead.csv
cat("sales,lead\n")
cat(sprintf("%.1f,%.2f\n", BJsales, BJsales.lead), sep = "")
