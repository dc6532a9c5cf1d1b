#!/bin/sh
# Imports the bicycle maker and prints its matrix.
#
#   examples/adventureworks/import.sh FOLDER [KVADRANT]
#
# FOLDER holds the files named in the mappings; KVADRANT is the program, "kvadrant" when left out.
# Where the data goes is said by KVADRANT_DATA and KVADRANT_DATABASE_URL as always; the base currency must be USD.
set -eu

if [ $# -lt 1 ] || [ ! -d "$1" ]; then
	echo "usage: $0 FOLDER [KVADRANT]   (FOLDER holds DimReseller.csv.gz and the others; see README.md)" >&2
	exit 2
fi
folder=$1
kvadrant=${2:-kvadrant}
here=$(dirname "$0")

# bring KIND MAPPING FILE [LOOKUP [LOOKUP]]
bring() {
	echo "== $2"
	"$kvadrant" import --kind "$1" --mapping "$here/$2.yaml" ${4:+--lookup "$folder/$4"} ${5:+--lookup "$folder/$5"} "$folder/$3"
}

bring units units_company SalesTerritory.csv
bring units units_markets SalesTerritory.csv
bring units units_countries SalesTerritory.csv DimSalesTerritory.csv.gz
bring units units_territories SalesTerritory.csv
bring people people vSalesPerson.csv SalesPerson.csv
bring products products DimProduct.csv.gz DimProductSubcategory.csv.gz DimProductCategory.csv.gz
bring customers customers DimReseller.csv.gz DimGeography.csv.gz
bring potentials potentials DimReseller.csv.gz
bring purchases purchases FactResellerSales.csv.gz salesperson_of_employee.csv

echo "== matrix as of 2013-11-30"
"$kvadrant" score --as-of 2013-11-30
"$kvadrant" matrix --as-of 2013-11-30 --format csv
